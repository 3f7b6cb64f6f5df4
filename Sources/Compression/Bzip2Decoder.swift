import CBzip2

/// bzip2 by libbz2, which checks the CRC32 of every block and stream.
final class Bzip2Decoder: StreamDecoder {
  private(set) var isBetweenStreams = false
  // On the heap: libbz2 keeps its address.
  private let stream = UnsafeMutablePointer<bz_stream>.allocate(capacity: 1)

  init() throws(StreamFailure) {
    stream.initialize(to: bz_stream())
    try start()
  }

  deinit {
    BZ2_bzDecompressEnd(stream)
    stream.deallocate()
  }

  private func start() throws(StreamFailure) {
    let result = BZ2_bzDecompressInit(stream, 0, 0)
    guard result == BZ_OK else { throw .damaged("libbz2 does not start (\(result))") }
  }

  func decode(
    _ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer
  ) throws(StreamFailure) -> (consumed: Int, produced: Int) {
    if isBetweenStreams {
      guard let first = input.first else { return (0, 0) }
      guard first == UInt8(ascii: "B") else {
        throw .damaged("what follows the last stream is not bzip2")
      }
      BZ2_bzDecompressEnd(stream)
      try start()
      isBetweenStreams = false
    }
    let given = min(input.count, Int(UInt32.max))
    let room = min(output.count, Int(UInt32.max))
    stream.pointee.next_in = UnsafeMutablePointer(
      mutating: input.baseAddress?.assumingMemoryBound(to: CChar.self))
    stream.pointee.avail_in = UInt32(given)
    stream.pointee.next_out = output.baseAddress?.assumingMemoryBound(to: CChar.self)
    stream.pointee.avail_out = UInt32(room)
    let result = BZ2_bzDecompress(stream)
    switch result {
    case BZ_OK: break
    case BZ_STREAM_END: isBetweenStreams = true
    case BZ_DATA_ERROR_MAGIC: throw .damaged("this is not bzip2")
    case BZ_DATA_ERROR: throw .damaged("a block does not match its checksum")
    default: throw .damaged("libbz2 error \(result)")
    }
    return (given - Int(stream.pointee.avail_in), room - Int(stream.pointee.avail_out))
  }
}
