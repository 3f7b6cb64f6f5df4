import CLZ4
import Files
import Foundation

/// Reads samples out of chunks by decoding only the blocks that they lie in, each checked before
/// it is decoded. One thread at a time; it keeps the block it decoded last.
public final class BlockDecoder {
  private var block = Buffer()
  private var span = Buffer()
  /// What `block` holds: so many bytes of that block of that chunk.
  private var held: (chunk: Chunk, number: Int, bytes: Int)?

  /// A decoder that holds nothing.
  public init() {}

  /// Calls `body` with a range of a chunk's raw bytes.
  ///
  /// - Parameter range: within 0..<`chunk.rawBytes`.
  /// - Throws: `ChunkError.corruptBlock` where a block does not match its checksum, and what
  ///   `body` throws. Nothing of a damaged block is ever shown.
  /// - Complexity: the range's blocks are checked whole, and decoded up to the range's end.
  public func withBytes<Result>(
    _ range: Range<Int>, of chunk: Chunk, _ body: (UnsafeRawBufferPointer) throws -> Result
  ) throws -> Result {
    guard !range.isEmpty else { return try body(UnsafeRawBufferPointer(start: nil, count: 0)) }
    let first = range.lowerBound / chunk.blockBytes
    let last = (range.upperBound - 1) / chunk.blockBytes
    let start = first * chunk.blockBytes
    let local = range.lowerBound - start..<range.upperBound - start
    guard first == last else {
      return try withSpan(first...last, of: chunk) {
        try body(UnsafeRawBufferPointer(rebasing: $0[local]))
      }
    }
    if let held, held.chunk === chunk, held.number == first, held.bytes >= local.upperBound {
      return try body(UnsafeRawBufferPointer(rebasing: block.bytes[local]))
    }
    return try chunk.withStored(blocks: first...first) { stored in
      try chunk.check(block: first, stored: stored)
      let raw = chunk.rawRange(ofBlock: first).count
      // What is stored as it is needs no copy.
      if stored.count == raw { return try body(UnsafeRawBufferPointer(rebasing: stored[local])) }
      // A block that is asked for again is decoded whole: its neighbours will follow.
      let isAgain = held.map { $0.chunk === chunk && $0.number == first } ?? false
      let wanted = isAgain ? raw : local.upperBound
      held = nil
      block.reserve(chunk.blockBytes)
      try chunk.decode(block: first, stored: stored, wanted: wanted, into: block.bytes)
      held = (chunk, first, wanted)
      return try body(UnsafeRawBufferPointer(rebasing: block.bytes[local]))
    }
  }

  /// Decodes neighbouring blocks whole, one behind the other.
  private func withSpan<Result>(
    _ blocks: ClosedRange<Int>, of chunk: Chunk,
    _ body: (UnsafeRawBufferPointer) throws -> Result
  ) throws -> Result {
    let start = chunk.rawRange(ofBlock: blocks.lowerBound).lowerBound
    let count = chunk.rawRange(ofBlock: blocks.upperBound).upperBound - start
    span.reserve(count)
    try chunk.withStored(blocks: blocks) { stored in
      let storedStart = chunk.storedRange(ofBlock: blocks.lowerBound).lowerBound
      for number in blocks {
        let place = chunk.storedRange(ofBlock: number)
        let raw = chunk.rawRange(ofBlock: number)
        let own = UnsafeRawBufferPointer(
          rebasing: stored[place.lowerBound - storedStart..<place.upperBound - storedStart])
        try chunk.check(block: number, stored: own)
        let target = UnsafeMutableRawBufferPointer(
          rebasing: span.bytes[raw.lowerBound - start..<raw.upperBound - start])
        try chunk.decode(block: number, stored: own, wanted: raw.count, into: target)
      }
    }
    defer { if count > 64 << 20 { span = Buffer() } }
    return try body(UnsafeRawBufferPointer(rebasing: span.bytes[..<count]))
  }

  /// Memory that grows and is given back with its owner.
  private final class Buffer {
    private(set) var bytes = UnsafeMutableRawBufferPointer(start: nil, count: 0)

    func reserve(_ count: Int) {
      guard bytes.count < count else { return }
      bytes.deallocate()
      bytes = .allocate(byteCount: count, alignment: 64)
    }

    deinit { bytes.deallocate() }
  }
}

extension Chunk {
  /// Throws where a block's stored bytes do not match their checksum.
  func check(block: Int, stored: UnsafeRawBufferPointer) throws(ChunkError) {
    #if PLANTED_FAULTS
    if PlantedFault.isPlanted(.noChecksum) { return }
    #endif
    let found = ChunkLayout.checksum(salt: salt, block: block, stored: stored)
    let expected = blockChecksums[block]
    guard found == expected else {
      throw .corruptBlock(
        place: place, block: block, offset: storedRange(ofBlock: block).lowerBound,
        expected: expected, found: found)
    }
  }

  /// Decodes the first `wanted` raw bytes of a checked block.
  func decode(
    block: Int, stored: UnsafeRawBufferPointer, wanted: Int,
    into target: UnsafeMutableRawBufferPointer
  ) throws(ChunkError) {
    let raw = rawRange(ofBlock: block).count
    if stored.count == raw {
      target.copyMemory(from: UnsafeRawBufferPointer(rebasing: stored[..<wanted]))
      return
    }
    let source = stored.assumingMemoryBound(to: CChar.self).baseAddress
    let destination = target.assumingMemoryBound(to: CChar.self).baseAddress
    let decoded =
      wanted == raw
      ? LZ4_decompress_safe(source, destination, Int32(stored.count), Int32(raw))
      : LZ4_decompress_safe_partial(
        source, destination, Int32(stored.count), Int32(wanted),
        Int32(min(raw, target.count)))
    guard wanted == raw ? Int(decoded) == raw : Int(decoded) >= wanted else {
      throw .corruptChunk(
        place: place, reason: "block \(block) matches its checksum and is no LZ4 block")
    }
  }
}
