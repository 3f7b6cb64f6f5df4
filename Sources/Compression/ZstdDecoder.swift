import CZstd

/// Zstandard frames by libzstd, which checks their checksums where they have one.
final class ZstdDecoder: StreamDecoder {
  /// The largest window that is accepted, as a power of two: what `zstd` itself accepts unasked.
  static let windowLog = 27

  private(set) var isBetweenStreams = false
  private let context: OpaquePointer

  init() throws(StreamFailure) {
    guard let context = ZSTD_createDCtx() else { throw .damaged("libzstd does not start") }
    self.context = context
    ZSTD_DCtx_setParameter(context, ZSTD_d_windowLogMax, Int32(Self.windowLog))
  }

  deinit { ZSTD_freeDCtx(context) }

  func decode(
    _ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer
  ) throws(StreamFailure) -> (consumed: Int, produced: Int) {
    if isBetweenStreams, input.isEmpty { return (0, 0) }
    var source = ZSTD_inBuffer(src: input.baseAddress, size: input.count, pos: 0)
    var target = ZSTD_outBuffer(dst: output.baseAddress, size: output.count, pos: 0)
    let result = ZSTD_decompressStream(context, &target, &source)
    guard ZSTD_isError(result) == 0 else {
      if ZSTD_getErrorCode(result) == ZSTD_error_frameParameter_windowTooLarge {
        throw .windowTooLarge(limit: 1 << Self.windowLog)
      }
      throw .damaged(String(cString: ZSTD_getErrorName(result)))
    }
    isBetweenStreams = result == 0
    return (source.pos, target.pos)
  }
}
