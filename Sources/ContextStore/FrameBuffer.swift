/// Memory for one frame after another: grows to the largest, begins at a page.
final class FrameBuffer {
  private var memory = UnsafeMutableRawBufferPointer(start: nil, count: 0)

  /// The first `count` bytes of it; what they hold is what was there.
  func take(_ count: Int) -> UnsafeMutableRawBufferPointer {
    if memory.count < count {
      memory.deallocate()
      memory = .allocate(byteCount: roundUp(count, to: 4096), alignment: 4096)
    }
    return UnsafeMutableRawBufferPointer(rebasing: memory[0..<count])
  }

  deinit { memory.deallocate() }
}
