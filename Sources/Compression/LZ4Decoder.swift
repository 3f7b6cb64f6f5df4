import CLZ4

/// LZ4 frames by liblz4, which checks the checksums of headers, blocks and contents.
final class LZ4Decoder: StreamDecoder {
  private(set) var isBetweenStreams = false
  private let context: OpaquePointer

  init() throws(StreamFailure) {
    var context: OpaquePointer?
    let result = LZ4F_createDecompressionContext(&context, UInt32(LZ4F_VERSION))
    guard LZ4F_isError(result) == 0, let context else { throw .damaged("liblz4 does not start") }
    self.context = context
  }

  deinit { LZ4F_freeDecompressionContext(context) }

  func decode(
    _ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer
  ) throws(StreamFailure) -> (consumed: Int, produced: Int) {
    if isBetweenStreams, input.isEmpty { return (0, 0) }
    var consumed = input.count
    var produced = output.count
    let result = LZ4F_decompress(
      context, output.baseAddress, &produced, input.baseAddress, &consumed, nil)
    guard LZ4F_isError(result) == 0 else {
      throw .damaged(String(cString: LZ4F_getErrorName(result)))
    }
    isBetweenStreams = result == 0
    return (consumed, produced)
  }
}
