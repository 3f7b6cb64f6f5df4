extension [UInt8] {
  /// Appends what `fill` writes into fresh memory, without setting that to zero first.
  ///
  /// - Parameter count: the most bytes that it writes.
  /// - Parameter fill: returns how many bytes it wrote, from the first on.
  mutating func append(
    upTo count: Int, _ fill: (UnsafeMutableRawBufferPointer) throws -> Int
  ) rethrows {
    guard count > 0 else { return }
    let piece = try [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      let all = UnsafeMutableRawBufferPointer(buffer)
      filled = try fill(UnsafeMutableRawBufferPointer(rebasing: all[..<count]))
    }
    if isEmpty && capacity < count { self = piece } else { append(contentsOf: piece) }
  }
}
