import CKernels
import Foundation

/// How the bytes of a chunk file lie; the full text is `Schemas/chunk.md`.
public enum ChunkLayout {
  /// The first 8 bytes of every chunk.
  static let magic = Array("ENGRCHNK".utf8)
  /// The format that this program writes, and the newest it reads.
  public static let formatVersion = 1
  /// Bytes before the tables.
  public static let headerBytes = 48
  /// Raw bytes of a block, unless the writer chose otherwise.
  public static let defaultBlockBytes = 16 << 10
  /// What a block's raw bytes may be: powers of two in this range.
  public static let blockBytesRange = 4 << 10...16 << 20
  /// The most raw bytes of a sample, and of the samples before the last of a chunk together.
  public static let sampleLimit = 1 << 30

  /// Bytes of the tables: sample offsets, sample digests, block ends, block checksums.
  static func tableBytes(samples: Int, blocks: Int) -> Int {
    4 * (samples + 1) + 8 * samples + 8 * blocks
  }

  /// Blocks that hold `rawBytes`.
  static func blocks(rawBytes: Int, blockBytes: Int) -> Int {
    (rawBytes + blockBytes - 1) / blockBytes
  }

  /// The checksum of a block: over the chunk's salt, the block's number and its stored bytes, so
  /// that a block which strayed here from another place matches nothing.
  static func checksum(
    salt: UInt64, block: Int, stored: UnsafeRawBufferPointer
  ) -> UInt32 {
    var place = (salt.littleEndian, UInt32(block).littleEndian)
    let start = withUnsafeBytes(of: &place) { engram_crc32c(0, $0.baseAddress, 12) }
    return engram_crc32c(start, stored.baseAddress, stored.count)
  }
}

/// How the blocks of a chunk are stored. A block that LZ4 does not make smaller by a tenth is
/// stored as it is, whatever the codec.
public enum ChunkCodec: UInt32, Sendable, CaseIterable {
  /// Every block as it is.
  case stored = 0
  /// Each block by LZ4, on its own.
  case lz4 = 1
}

/// The digest of a sample, see `Schemas/chunk.md`.
public enum SampleDigest {
  /// The digest of the sample's bytes: equal for equal samples, different for nearly all others.
  ///
  /// - Complexity: one pass, about 10 GB/s.
  public static func of(_ sample: UnsafeRawBufferPointer) -> UInt64 {
    engram_sample_digest(sample.baseAddress, sample.count)
  }
}
