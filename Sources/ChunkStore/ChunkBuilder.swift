import CKernels
import CLZ4
import Digests
import Foundation

/// Collects samples and makes a chunk file of them. One thread at a time; meant to be used again,
/// so that its memory is.
///
///     let builder = ChunkBuilder(codec: .lz4)
///     while !builder.append(sample, digest: SampleDigest.of(sample)) { ... }
///     let sealed = builder.seal()
///     try builder.withFile { try backend.putIfAbsent(sealed.name, $0) }
public final class ChunkBuilder {
  private let codec: ChunkCodec
  private let blockBytes: Int
  private let boundary: ChunkBoundary
  private var raw: [UInt8] = []
  private var offsets: [UInt32] = [0]
  private var digests: [UInt64] = []
  private var output: [UInt8] = []
  /// What LZ4 calls acceleration: 1 looks everywhere, more skips.
  private var acceleration: Int32 = 1
  private var compressor = [UInt8](repeating: 0, count: Int(LZ4_sizeofState()))

  /// A builder of empty chunks.
  ///
  /// - Parameter blockBytes: raw bytes of a block, a power of two of `ChunkLayout.blockBytesRange`.
  public init(
    codec: ChunkCodec, blockBytes: Int = ChunkLayout.defaultBlockBytes,
    boundary: ChunkBoundary = .standard
  ) {
    precondition(
      ChunkLayout.blockBytesRange.contains(blockBytes) && blockBytes.nonzeroBitCount == 1)
    self.codec = codec
    self.blockBytes = blockBytes
    self.boundary = boundary
  }

  /// Samples so far.
  public var samples: Int { digests.count }
  /// Their bytes.
  public var rawBytes: Int { raw.count }

  /// Adds a sample; `true` where the chunk ends behind it.
  ///
  /// - Throws: `ChunkError.sampleTooLarge`; the chunk is as before then.
  public func append(
    _ sample: UnsafeRawBufferPointer, digest: UInt64
  ) throws(ChunkError) -> Bool {
    guard sample.count <= ChunkLayout.sampleLimit else {
      throw .sampleTooLarge(bytes: sample.count, limit: ChunkLayout.sampleLimit)
    }
    raw.append(contentsOf: sample)
    offsets.append(UInt32(raw.count))
    digests.append(digest)
    return boundary.ends(digest: digest, bytes: sample.count, total: raw.count)
      || samples >= 1 << 20
  }

  /// Makes the file of what was added; `withFile` shows it until the builder is reset.
  ///
  /// - Complexity: one pass of LZ4, CRC32C and SHA-256 over the samples.
  public func seal() -> SealedChunk {
    let blocks = ChunkLayout.blocks(rawBytes: raw.count, blockBytes: blockBytes)
    let tableBytes = ChunkLayout.tableBytes(samples: samples, blocks: blocks)
    let dataStart = ChunkLayout.headerBytes + tableBytes
    let bound = dataStart + raw.count + Int(LZ4_compressBound(Int32(blockBytes)))
    if output.count < bound { output = [UInt8](repeating: 0, count: bound) }
    let salt = self.salt
    acceleration = 1
    var ends: [UInt32] = []
    var checksums: [UInt32] = []
    var end = dataStart
    for block in 0..<blocks {
      let start = block * blockBytes
      let count = min(blockBytes, raw.count - start)
      let stored = store(raw: start..<start + count, at: end)
      output.withUnsafeBytes {
        checksums.append(
          ChunkLayout.checksum(
            salt: salt, block: block, stored: .init(rebasing: $0[end..<end + stored])))
      }
      end += stored
      ends.append(UInt32(end - dataStart))
    }
    let checksum = writeTables(
      salt: salt, blocks: blocks, ends: ends, checksums: checksums, dataStart: dataStart)
    fileBytes = end
    return SealedChunk(
      name: withFile { SHA256Digest(of: $0) }, samples: samples, rawBytes: raw.count,
      fileBytes: end, checksum: checksum)
  }

  private var fileBytes = 0

  /// Calls `body` with the chunk file that `seal()` made.
  public func withFile<Result>(
    _ body: (UnsafeRawBufferPointer) throws -> Result
  ) rethrows -> Result {
    try output.withUnsafeBytes { try body(UnsafeRawBufferPointer(rebasing: $0[..<fileBytes])) }
  }

  /// Forgets all samples; the memory is kept.
  public func reset() {
    raw.removeAll(keepingCapacity: raw.capacity <= 2 * boundary.maximum)
    offsets.removeAll(keepingCapacity: true)
    offsets.append(0)
    digests.removeAll(keepingCapacity: true)
    if output.count > 3 * boundary.maximum { output = [] }
    fileBytes = 0
  }

  /// What a block's checksum begins with: the digest of the tables of samples.
  private var salt: UInt64 {
    var tables: [UInt8] = []
    tables.reserveCapacity(12 * samples + 4)
    offsets.withUnsafeBytes { tables.append(contentsOf: $0) }
    digests.withUnsafeBytes { tables.append(contentsOf: $0) }
    return tables.withUnsafeBytes { SampleDigest.of($0) }
  }

  /// Writes a block's stored bytes into the output; returns how many.
  ///
  /// Behind blocks that LZ4 made nothing of, it is tried with less effort; where that finds
  /// something, the block is packed with all effort again.
  private func store(raw range: Range<Int>, at end: Int) -> Int {
    while true {
      let packed = codec == .lz4 ? pack(raw: range, at: end) : nil
      guard let packed else {
        acceleration = min(2 * acceleration, 64)
        output.withUnsafeMutableBytes { output in
          raw.withUnsafeBytes { raw in
            UnsafeMutableRawBufferPointer(rebasing: output[end...]).copyMemory(
              from: UnsafeRawBufferPointer(rebasing: raw[range]))
          }
        }
        return range.count
      }
      if acceleration == 1 { return packed }
      acceleration = 1
    }
  }

  /// Packs a block by LZ4 into the output; `nil` where that saves less than a tenth.
  private func pack(raw range: Range<Int>, at end: Int) -> Int? {
    let blockBound = Int(LZ4_compressBound(Int32(blockBytes)))
    return output.withUnsafeMutableBytes { output in
      raw.withUnsafeBytes { raw in
        let source = UnsafeRawBufferPointer(rebasing: raw[range])
        let target = UnsafeMutableRawBufferPointer(rebasing: output[end...])
        let packed = compressor.withUnsafeMutableBytes { state in
          LZ4_compress_fast_extState(
            state.baseAddress, source.assumingMemoryBound(to: CChar.self).baseAddress,
            target.assumingMemoryBound(to: CChar.self).baseAddress, Int32(source.count),
            Int32(min(blockBound, target.count)), acceleration)
        }
        return packed > 0 && Int(packed) <= source.count - source.count / 10 ? Int(packed) : nil
      }
    }
  }

  /// Writes header and tables; returns the checksum over both.
  private func writeTables(
    salt: UInt64, blocks: Int, ends: [UInt32], checksums: [UInt32], dataStart: Int
  ) -> UInt32 {
    var header: [UInt8] = ChunkLayout.magic
    header.appendLittleEndian(UInt32(ChunkLayout.formatVersion))
    header.appendLittleEndian(codec.rawValue)
    header.appendLittleEndian(UInt32(samples))
    header.appendLittleEndian(UInt32(blockBytes))
    header.appendLittleEndian(UInt64(raw.count))
    header.appendLittleEndian(salt)
    header.appendLittleEndian(UInt32(blocks))
    return output.withUnsafeMutableBytes { output in
      output.copyBytes(from: header)
      var position = ChunkLayout.headerBytes
      func put(_ bytes: UnsafeRawBufferPointer) {
        UnsafeMutableRawBufferPointer(rebasing: output[position...]).copyMemory(from: bytes)
        position += bytes.count
      }
      offsets.withUnsafeBytes(put)
      digests.withUnsafeBytes(put)
      ends.withUnsafeBytes(put)
      checksums.withUnsafeBytes(put)
      precondition(position == dataStart)
      let checksum = Chunk.tableChecksum(UnsafeRawBufferPointer(rebasing: output[..<dataStart]))
      output.storeBytes(of: checksum.littleEndian, toByteOffset: 44, as: UInt32.self)
      return checksum
    }
  }
}

/// A chunk file that was made: what a manifest has to say about it.
public struct SealedChunk: Hashable, Sendable {
  /// SHA-256 of the file.
  public var name: SHA256Digest
  /// Samples in it.
  public var samples: Int
  /// Their bytes.
  public var rawBytes: Int
  /// The file's bytes.
  public var fileBytes: Int
  /// The checksum over header and tables.
  public var checksum: UInt32

  /// A chunk of these numbers.
  package init(
    name: SHA256Digest, samples: Int, rawBytes: Int, fileBytes: Int, checksum: UInt32
  ) {
    self.name = name
    self.samples = samples
    self.rawBytes = rawBytes
    self.fileBytes = fileBytes
    self.checksum = checksum
  }
}

extension [UInt8] {
  /// Appends a number's bytes, the lowest first.
  package mutating func appendLittleEndian(_ value: some FixedWidthInteger) {
    Swift.withUnsafeBytes(of: value.littleEndian) { append(contentsOf: $0) }
  }
}
