import CKernels
import Digests
import Files
import Foundation

/// An open chunk: its tables, checked, and the way to its blocks.
///
/// Opening costs O(samples + blocks); a sample is read by a `BlockDecoder`.
public final class Chunk: Sendable {
  /// The chunk's name: SHA-256 of its file.
  public let name: SHA256Digest
  /// Samples in it.
  public let samples: Int
  /// Their bytes.
  public let rawBytes: Int
  /// Raw bytes of every block but the last.
  public let blockBytes: Int
  /// The digest of every sample.
  public let digests: [UInt64]

  let place: String
  let salt: UInt64
  let dataStart: Int
  private let offsets: [UInt32]
  private let blockEnds: [UInt32]
  let blockChecksums: [UInt32]
  private let mapping: MappedFile?
  private let backend: any ChunkBackend

  /// How many blocks it has.
  public var blocks: Int { blockEnds.count }

  /// Opens a chunk and checks its header and tables; blocks are checked when they are read.
  ///
  /// - Parameter expected: what the manifest says about it: another chunk under its name is
  ///   refused.
  /// - Parameter isMapped: `false` reads by ranges even where the backend could map.
  /// - Throws: `ChunkError`, `FileError`.
  public init(
    _ expected: SealedChunk, in backend: any ChunkBackend, isMapped: Bool = true
  ) throws {
    name = expected.name
    self.backend = backend
    let place = backend.place(of: expected.name)
    self.place = place
    let mapping = isMapped ? try backend.map(expected.name) : nil
    self.mapping = mapping
    if let mapping, mapping.count != expected.fileBytes {
      throw ChunkError.corruptChunk(
        place: place, reason: "it has \(mapping.count) bytes, expected \(expected.fileBytes)")
    }
    func bytes(_ range: Range<Int>) throws -> [UInt8] {
      guard range.upperBound <= expected.fileBytes else {
        throw ChunkError.corruptChunk(place: place, reason: "it is shorter than its tables")
      }
      guard let mapping else { return try backend.get(expected.name, range: range) }
      return withExtendedLifetime(mapping) { Array(mapping.bytes[range]) }
    }
    let header = try ChunkHeader(try bytes(0..<ChunkLayout.headerBytes), place: place)
    samples = header.samples
    rawBytes = header.rawBytes
    blockBytes = header.blockBytes
    salt = header.salt
    dataStart = header.dataStart
    // Before its tables are read, whose sizes a damaged header may claim at will.
    guard header.samples == expected.samples, header.rawBytes == expected.rawBytes else {
      throw ChunkError.corruptChunk(place: place, reason: "its size is not the manifest's")
    }
    let front = try bytes(0..<header.dataStart)
    let checksum = front.withUnsafeBytes { Self.tableChecksum($0) }
    guard checksum == header.checksum, checksum == expected.checksum else {
      throw ChunkError.corruptChunk(
        place: place,
        reason: header.checksum == checksum
          ? "its tables are those of another chunk" : "its tables do not match their checksum")
    }
    var position = ChunkLayout.headerBytes
    offsets = front.littleEndian(count: header.samples + 1, at: &position)
    digests = front.littleEndian(count: header.samples, at: &position)
    blockEnds = front.littleEndian(count: header.blocks, at: &position)
    blockChecksums = front.littleEndian(count: header.blocks, at: &position)
    if let reason = contradiction(codec: header.codec, fileBytes: expected.fileBytes) {
      throw ChunkError.corruptChunk(place: place, reason: reason)
    }
  }

  /// The checksum over a header (without the checksum itself) and the tables behind it.
  static func tableChecksum(_ front: UnsafeRawBufferPointer) -> UInt32 {
    let start = engram_crc32c(0, front.baseAddress, 44)
    return engram_crc32c(start, front.baseAddress! + 48, front.count - 48)
  }

  /// What is wrong with tables that match their checksum: nothing, unless the writer was.
  private func contradiction(codec: ChunkCodec, fileBytes: Int) -> String? {
    guard offsets.first == 0, Int(offsets.last!) == rawBytes,
      zip(offsets, offsets.dropFirst()).allSatisfy({ $0 <= $1 })
    else { return "its sample offsets are not ascending" }
    var start = 0
    for (block, end) in blockEnds.enumerated() {
      let stored = Int(end) - start
      let raw = rawRange(ofBlock: block).count
      guard stored > 0, stored <= raw, codec == .lz4 || stored == raw else {
        return "block \(block) has \(stored) bytes of \(raw)"
      }
      start = Int(end)
    }
    guard dataStart + start == fileBytes else {
      return "its blocks end at byte \(dataStart + start), the file at \(fileBytes)"
    }
    return nil
  }

  /// Where a sample lies among the raw bytes.
  ///
  /// - Parameter index: 0..<`samples`.
  public func rawRange(of index: Int) -> Range<Int> {
    Int(offsets[index])..<Int(offsets[index + 1])
  }

  /// Bytes of all samples of a range.
  public func rawBytes(of indices: Range<Int>) -> Int {
    Int(offsets[indices.upperBound] - offsets[indices.lowerBound])
  }

  /// Which raw bytes a block holds.
  func rawRange(ofBlock block: Int) -> Range<Int> {
    block * blockBytes..<min((block + 1) * blockBytes, rawBytes)
  }

  /// Where a block's stored bytes lie in the file.
  func storedRange(ofBlock block: Int) -> Range<Int> {
    let start = block == 0 ? 0 : Int(blockEnds[block - 1])
    return dataStart + start..<dataStart + Int(blockEnds[block])
  }

  /// Calls `body` with the stored bytes of neighbouring blocks, unchecked: in place where the
  /// chunk is mapped, else read by one range.
  func withStored<Result>(
    blocks: ClosedRange<Int>, _ body: (UnsafeRawBufferPointer) throws -> Result
  ) throws -> Result {
    let range =
      storedRange(ofBlock: blocks.lowerBound)
      .lowerBound..<storedRange(ofBlock: blocks.upperBound)
      .upperBound
    if let mapping {
      return try withExtendedLifetime(mapping) {
        try body(UnsafeRawBufferPointer(rebasing: mapping.bytes[range]))
      }
    }
    return try backend.get(name, range: range).withUnsafeBytes(body)
  }

  /// Tells the system that the chunk will be read soon; costs nothing where it is in memory.
  public func prefetch() {
    guard let mapping, let base = mapping.bytes.baseAddress else { return }
    madvise(UnsafeMutableRawPointer(mutating: base), mapping.count, MADV_WILLNEED)
  }
}

/// The numbers of a chunk's header, each in its bounds.
struct ChunkHeader {
  let codec: ChunkCodec
  let samples: Int
  let blockBytes: Int
  let rawBytes: Int
  let salt: UInt64
  let blocks: Int
  let checksum: UInt32

  var dataStart: Int {
    ChunkLayout.headerBytes + ChunkLayout.tableBytes(samples: samples, blocks: blocks)
  }

  /// Reads `ChunkLayout.headerBytes` bytes.
  init(_ bytes: [UInt8], place: String) throws(ChunkError) {
    func wrong(_ reason: String) -> ChunkError { .corruptChunk(place: place, reason: reason) }
    guard bytes.starts(with: ChunkLayout.magic) else { throw wrong("it is no chunk file") }
    var position = 8
    let words: [UInt32] = bytes.littleEndian(count: 4, at: &position)
    let longs: [UInt64] = bytes.littleEndian(count: 2, at: &position)
    let last: [UInt32] = bytes.littleEndian(count: 2, at: &position)
    guard words[0] <= ChunkLayout.formatVersion else {
      throw .newerFormat(
        place: place, found: Int(words[0]), supported: ChunkLayout.formatVersion)
    }
    guard words[0] == ChunkLayout.formatVersion, let codec = ChunkCodec(rawValue: words[1]) else {
      throw wrong("its format or codec is unknown")
    }
    self.codec = codec
    samples = Int(words[2])
    blockBytes = Int(words[3])
    guard ChunkLayout.blockBytesRange.contains(blockBytes), blockBytes.nonzeroBitCount == 1 else {
      throw wrong("blocks of \(blockBytes) bytes")
    }
    guard longs[0] <= UInt64(UInt32.max) else { throw wrong("\(longs[0]) raw bytes") }
    rawBytes = Int(longs[0])
    salt = longs[1]
    blocks = Int(last[0])
    guard blocks == ChunkLayout.blocks(rawBytes: rawBytes, blockBytes: blockBytes) else {
      throw wrong("\(blocks) blocks do not fit \(rawBytes) bytes")
    }
    checksum = last[1]
  }
}

extension [UInt8] {
  /// Numbers that lie one after another; the caller knows that they are there.
  func littleEndian<Number: FixedWidthInteger>(count: Int, at position: inout Int) -> [Number] {
    let width = MemoryLayout<Number>.size
    defer { position += count * width }
    return withUnsafeBytes { bytes in
      let source = UnsafeRawBufferPointer(rebasing: bytes[position..<position + count * width])
      return [Number](unsafeUninitializedCapacity: count) { numbers, initialized in
        UnsafeMutableRawBufferPointer(numbers).copyMemory(from: source)
        for index in 0..<count { numbers[index] = Number(littleEndian: numbers[index]) }
        initialized = count
      }
    }
  }
}
