import CBzip2
import CLZ4
import CZlib
import CZstd

@testable import Compression

/// One stream of `bytes`, made by the format's own library.
func compressed(_ bytes: [UInt8], as format: CompressionFormat) -> [UInt8] {
  switch format {
  case .none: return bytes
  case .gzip: return gzip(bytes)
  case .zstd:
    let context = ZSTD_createCCtx()
    defer { ZSTD_freeCCtx(context) }
    ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1)
    return [UInt8](unsafeUninitializedCapacity: ZSTD_compressBound(bytes.count)) {
      $1 = ZSTD_compress2(context, $0.baseAddress, $0.count, bytes, bytes.count)
    }
  case .bzip2:
    return [UInt8](unsafeUninitializedCapacity: bytes.count + bytes.count / 50 + 600) {
      var count = UInt32($0.count)
      var source = bytes.map { CChar(bitPattern: $0) }
      let target = UnsafeMutableRawPointer($0.baseAddress!).assumingMemoryBound(to: CChar.self)
      let result = BZ2_bzBuffToBuffCompress(
        target, &count, &source, UInt32(bytes.count), 1, 0, 0)
      precondition(result == BZ_OK)
      $1 = Int(count)
    }
  case .lz4:
    var preferences = LZ4F_preferences_t()
    preferences.frameInfo.contentChecksumFlag = LZ4F_contentChecksumEnabled
    preferences.frameInfo.blockSizeID = LZ4F_max64KB
    return [UInt8](
      unsafeUninitializedCapacity: LZ4F_compressFrameBound(bytes.count, &preferences)
    ) {
      $1 = LZ4F_compressFrame($0.baseAddress, $0.count, bytes, bytes.count, &preferences)
    }
  }
}

private func gzip(_ bytes: [UInt8]) -> [UInt8] {
  var stream = z_stream()
  deflateInit2_(
    &stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
    Int32(MemoryLayout<z_stream>.size))
  defer { deflateEnd(&stream) }
  var source = bytes
  return source.withUnsafeMutableBufferPointer { input in
    [UInt8](unsafeUninitializedCapacity: bytes.count + bytes.count / 100 + 100) {
      stream.next_in = input.baseAddress
      stream.avail_in = UInt32(input.count)
      stream.next_out = $0.baseAddress
      stream.avail_out = UInt32($0.count)
      let result = deflate(&stream, Z_FINISH)
      precondition(result == Z_STREAM_END)
      $1 = $0.count - Int(stream.avail_out)
    }
  }
}

/// Bytes in memory, given out at most `piece` at a time.
final class PiecesSource: ByteSource {
  private var rest: ArraySlice<UInt8>
  private let piece: Int

  init(_ bytes: [UInt8], piece: Int = 1 << 20) {
    rest = bytes[...]
    self.piece = piece
  }

  func read(into buffer: UnsafeMutableRawBufferPointer) -> Int {
    let next = rest.prefix(min(piece, buffer.count))
    buffer.copyBytes(from: next)
    rest = rest.dropFirst(next.count)
    return next.count
  }
}

/// What `stream` stands for.
func decompressed(
  _ stream: [UInt8], as format: CompressionFormat, piece: Int = 1 << 20
) throws -> [UInt8] {
  try DecompressingByteSource(PiecesSource(stream, piece: piece), format: format, path: "made")
    .readAll(limit: 64 << 20)
}
