import NIOCore

/// Row ids of a request, as they came: i64, little-endian, one after another.
struct RowBatch: Sendable {
  /// The ids' bytes.
  let buffer: ByteBuffer
  /// How many.
  var count: Int { buffer.readableBytes / 8 }

  /// Takes a multiple of 8 bytes.
  init(buffer: ByteBuffer) {
    precondition(UInt16(littleEndian: 1) == 1, "the order of bytes is not that of the wire")
    self.buffer = buffer.aligned
  }

  /// Calls `body` with some of the ids.
  func withRows<R>(
    _ range: Range<Int>, _ body: (UnsafeBufferPointer<Int64>) throws -> R
  ) rethrows -> R {
    try buffer.withUnsafeReadableBytes { bytes in
      try body(UnsafeBufferPointer(rebasing: bytes.bindMemory(to: Int64.self)[range]))
    }
  }
}

extension ByteBuffer {
  /// The same bytes where numbers of 8 bytes may stand; a copy only where they are not yet.
  var aligned: ByteBuffer {
    let isAligned = withUnsafeReadableBytes { bytes in
      bytes.baseAddress.map { Int(bitPattern: $0) % 8 == 0 } ?? true
    }
    guard !isAligned else { return self }
    var copy = ByteBufferAllocator().buffer(capacity: readableBytes)
    copy.writeImmutableBuffer(self)
    return copy
  }
}
