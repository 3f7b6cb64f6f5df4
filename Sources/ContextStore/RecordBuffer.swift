/// Headers of the frames of a segment that is still written, one after another at multiples of 8.
///
/// Its memory is asked for at once and never moves; pages that nothing was written to cost none.
/// Unchecked: used under the store's lock alone.
final class RecordBuffer: @unchecked Sendable {
  private let memory: UnsafeMutableRawBufferPointer
  private(set) var count = 0

  init(capacity: Int) {
    memory = .allocate(byteCount: capacity, alignment: 16)
  }

  deinit { memory.deallocate() }

  var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(memory).part(0..<count) }

  /// Appends a header; returns where it lies, `nil` where there is no room.
  func append(_ header: UnsafeRawBufferPointer) -> Int? {
    let start = roundUp(count, to: 8)
    guard start + header.count <= memory.count else { return nil }
    UnsafeMutableRawBufferPointer(rebasing: memory[start...]).copyMemory(from: header)
    count = start + header.count
    return start
  }
}
