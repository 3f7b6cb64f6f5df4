import CZlib

/// gzip by zlib, which checks each member's CRC32 and size.
final class GzipDecoder: StreamDecoder {
  private(set) var isBetweenStreams = false
  // On the heap: zlib keeps its address.
  private let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)

  init() throws(StreamFailure) {
    stream.initialize(to: z_stream())
    // 15: windows up to 32 KiB; 16: gzip headers and no others.
    let result = inflateInit2_(
      stream, 15 + 16, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
    guard result == Z_OK else { throw .damaged("zlib does not start (\(result))") }
  }

  deinit {
    inflateEnd(stream)
    stream.deallocate()
  }

  func decode(
    _ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer
  ) throws(StreamFailure) -> (consumed: Int, produced: Int) {
    if isBetweenStreams {
      guard let first = input.first else { return (0, 0) }
      guard first == 0x1F else { throw .damaged("what follows the last member is not gzip") }
      inflateReset(stream)
      isBetweenStreams = false
    }
    let given = min(input.count, Int(UInt32.max))
    let room = min(output.count, Int(UInt32.max))
    stream.pointee.next_in = UnsafeMutablePointer(
      mutating: input.baseAddress?.assumingMemoryBound(to: UInt8.self))
    stream.pointee.avail_in = UInt32(given)
    stream.pointee.next_out = output.baseAddress?.assumingMemoryBound(to: UInt8.self)
    stream.pointee.avail_out = UInt32(room)
    let result = inflate(stream, Z_NO_FLUSH)
    switch result {
    case Z_OK, Z_BUF_ERROR: break
    case Z_STREAM_END: isBetweenStreams = true
    default:
      throw .damaged(stream.pointee.msg.map { String(cString: $0) } ?? "zlib error \(result)")
    }
    return (given - Int(stream.pointee.avail_in), room - Int(stream.pointee.avail_out))
  }
}
