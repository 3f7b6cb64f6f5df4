/// Bytes that are read once, from the first to the last. One thread at a time.
public protocol ByteSource: AnyObject {
  /// Reads the next bytes.
  ///
  /// - Parameter buffer: room for them; at least one byte.
  /// - Returns: how many were read, 0 only at the end.
  func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int
}

extension ByteSource {
  /// Reads until `buffer` is full or the source ends.
  ///
  /// - Returns: how many bytes were read; fewer than the buffer's size only at the end.
  public func fill(_ buffer: UnsafeMutableRawBufferPointer) throws -> Int {
    var count = 0
    while count < buffer.count {
      let read = try read(into: UnsafeMutableRawBufferPointer(rebasing: buffer[count...]))
      if read == 0 { break }
      count += read
    }
    return count
  }

  /// Reads everything that is left.
  ///
  /// - Parameter limit: the most bytes to take; memory stays within about twice that.
  /// - Parameter expected: about how many there are, where that is known; a good guess saves copies.
  /// - Parameter path: the file's name for the error.
  /// - Throws: `CompressionError.tooLarge` as soon as there are more, and what `read` throws.
  public func readAll(
    limit: Int, expected: Int? = nil, path: String = "the source"
  ) throws -> [UInt8] {
    var bytes: [UInt8] = []
    var step = min(max(limit, 0), max(expected ?? 1 << 16, 0)) + 1
    while true {
      let count = bytes.count
      let wanted = min(step, limit - count + 1)
      let piece = try [UInt8](unsafeUninitializedCapacity: wanted) { buffer, size in
        size = try fill(UnsafeMutableRawBufferPointer(buffer))
      }
      if bytes.isEmpty { bytes = piece } else { bytes.append(contentsOf: piece) }
      guard bytes.count <= limit else { throw CompressionError.tooLarge(path: path, limit: limit) }
      if piece.count < wanted { return bytes }
      step = min(2 * step, 64 << 20)
    }
  }
}
