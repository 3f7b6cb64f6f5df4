import CKernels
import Files
import Foundation
import Storage
import Synchronization

/// What became of the blocks of a put.
public struct ContextPutResult: Codable, Hashable, Sendable {
  /// Blocks of which something was stored.
  public var stored = 0
  /// Blocks that were there already, all that was given of them.
  public var present = 0
  /// Blocks that could not be stored: the disk is full, or everything is pinned. A miss later, no error.
  public var refused = 0
}

extension ContextSpace {
  /// Stores blocks and returns when they are on the disk: no crash takes them away.
  ///
  /// - Parameter blocks: the prompt from its first block on, at least to the end of `range`.
  /// - Parameter range: which of its blocks are given.
  /// - Parameter parts: bytes by group name, some groups or all: [layers, `range.count` * rows of a
  ///   block, row bytes], densely. What is there already is not stored again.
  /// - Throws: `ContextError` before anything is stored.
  /// - Complexity: one copy and one flush, which puts at the same time share.
  public func putDurable(
    _ blocks: ContextBlocks, range: Range<Int>, parts: [String: UnsafeRawBufferPointer]
  ) throws -> ContextPutResult {
    try put(blocks, range: range, parts: parts, isDurable: true)
  }

  /// Stores blocks and returns when they are written: they survive the process, not the machine. What a
  /// crash of the machine takes is the last that was put, never a block before one that is kept.
  ///
  /// Parameters and errors as for `putDurable`.
  public func putRelaxed(
    _ blocks: ContextBlocks, range: Range<Int>, parts: [String: UnsafeRawBufferPointer]
  ) throws -> ContextPutResult {
    try put(blocks, range: range, parts: parts, isDurable: false)
  }

  /// What may be written and not flushed: what a crash makes the next opening check.
  private static let unflushedLimit = 32 << 20

  private func put(
    _ blocks: ContextBlocks, range: Range<Int>, parts: [String: UnsafeRawBufferPointer],
    isDurable: Bool
  ) throws -> ContextPutResult {
    try store.requireWriting()
    guard range.lowerBound >= 0 else {
      throw ContextError.blocksOutOfRange(first: range.lowerBound, count: range.count, available: 0)
    }
    let keys = try BlockKeys(blocks, of: namespace, limit: range.upperBound)
    guard range.upperBound <= keys.count else {
      throw ContextError.blocksOutOfRange(
        first: range.lowerBound, count: range.count, available: keys.count)
    }
    let streams = try self.streams(parts, blocks: range.count)
    store.state.withLock { $0.tick += 1 }
    var result = ContextPutResult()
    var outcomes = [Outcome](repeating: .present, count: range.count)
    // One thread seals blocks while another's are handed to the system, where that is worth a thread.
    let bytes = streams.reduce(0) { $0 + $1.groups.reduce(0) { $0 + $1.bytes.count } }
    let threads = range.count > 1 && bytes >= Self.sharedBytes ? 2 : 1
    // Places are taken in the order of the blocks, so that what a crash cuts off is a prompt's end.
    // A thread writes to its place before it takes another: others wait for it when a segment ends.
    let next = Mutex(0)
    let done = try Workers.map(threads, threads: threads) { _, _ in
      let buffer = FrameBuffer()
      var stored: [StoredBlock] = []
      while true {
        let prepared = next.withLock { number -> (PreparedBlock, Stream)? in
          guard number < range.count * streams.count else { return nil }
          defer { number += 1 }
          let stream = streams[number % streams.count]
          return (
            prepare(range.lowerBound + number / streams.count, of: keys, stream: stream), stream
          )
        }
        guard let (block, stream) = prepared else { return stored }
        stored.append(write(block, of: keys, in: range, stream: stream, buffer: buffer))
        if let place = stored.last?.places.last,
          place.active.unflushedBytes > Self.unflushedLimit
        {
          _ = place.active.flush(upTo: place.end)
        }
      }
    }.joined()
    for block in done {
      var outcome = block.outcome
      if isDurable, block.places.contains(where: { !$0.active.flush(upTo: $0.end) }) {
        outcome = .refused
      }
      let index = block.block - range.lowerBound
      outcomes[index] = max(outcomes[index], outcome)
    }
    for outcome in outcomes {
      switch outcome {
      case .present: result.present += 1
      case .stored: result.stored += 1
      case .refused: result.refused += 1
      }
    }
    let (sums, reach) = (result, UInt32(clamping: range.upperBound * namespace.layout.blockTokens))
    store.state.withLock { state in
      state.counters.storedBlocks += sums.stored
      state.counters.presentBlocks += sums.present
      state.counters.refusedBlocks += sums.refused
      state.touch(keys, range: range, reach: reach)
    }
    return result
  }

  private enum Outcome: Int, Comparable, Sendable {
    case present, stored, refused
    static func < (left: Outcome, right: Outcome) -> Bool { left.rawValue < right.rawValue }
  }

  /// What became of a block's groups of one lifetime, and what has to be flushed before they are durable.
  private struct StoredBlock: Sendable {
    let block: Int
    let outcome: Outcome
    var places: [(active: ActiveSegment, end: Int)] = []
  }

  /// What is put by two threads, bytes of a call.
  private static let sharedBytes = 4 << 20

  /// Groups that live equally long: they share frames. Unchecked: the bytes are the caller's, who lets
  /// nobody write to them during the call.
  private struct Stream: @unchecked Sendable {
    let lifetime: UInt64
    var groups: [(group: FrameHeader.Group, bytes: UnsafeRawBufferPointer)]
    var mask: UInt32 { groups.reduce(0) { $0 | 1 << UInt32($1.group.index) } }
  }

  private func streams(
    _ parts: [String: UnsafeRawBufferPointer], blocks: Int
  ) throws(ContextError) -> [Stream] {
    guard !parts.isEmpty else { throw .noParts }
    var streams: [Stream] = []
    for (name, bytes) in parts {
      let group = frameGroup(try groupIndex(name))
      let (expected, overflow) = (group.layers * group.rows * group.rowBytes)
        .multipliedReportingOverflow(by: blocks)
      guard !overflow, bytes.count == expected else {
        throw .wrongPartSize(
          group: name, expected: expected, found: bytes.count,
          shape: "\(group.layers) layers of \(blocks) blocks of \(group.rows) rows of "
            + "\(group.rowBytes) bytes")
      }
      let lifetime = lifetimeOfGroup[group.index]
      if let index = streams.firstIndex(where: { $0.lifetime == lifetime }) {
        streams[index].groups.append((group, bytes))
      } else {
        streams.append(Stream(lifetime: lifetime, groups: [(group, bytes)]))
      }
    }
    for index in streams.indices {
      streams[index].groups.sort { $0.group.index < $1.group.index }
    }
    return streams
  }

  /// A block's groups of one lifetime: there already, or with a place to be written to.
  private enum PreparedBlock {
    case present(Int, [(active: ActiveSegment, end: Int)])
    case refused(Int)
    case placed(Int, FrameHeader, Reservation, UInt64)
  }

  private func prepare(_ block: Int, of keys: BlockKeys, stream: Stream) -> PreparedBlock {
    // Groups of another lifetime are another frame, and another claim.
    let claim = keys.fingerprint(block) ^ (stream.lifetime &* 0x9E37_79B9_7F4A_7C15)
    let missing: UInt32
    switch store.claim(claim, block, of: keys, mask: stream.mask, space: self) {
    case .present(let unflushed): return .present(block, unflushed)
    case .claimed(let mask): missing = mask
    }
    let groups = stream.groups.map(\.group).filter { missing & 1 << UInt32($0.index) != 0 }
    let header = FrameHeader(
      namespace: namespace.digest.bytes, key: keys.key(block), parent: keys.parent(block),
      identity: keys.withIdentity(block) { Array($0) }, depth: block, created: store.clock.now,
      durable: 0, groups: groups)
    guard let place = store.reserve(header, lifetime: stream.lifetime) else {
      store.release(claim)
      return .refused(block)
    }
    return .placed(block, header, place, claim)
  }

  private func write(
    _ prepared: PreparedBlock, of keys: BlockKeys, in range: Range<Int>, stream: Stream,
    buffer: FrameBuffer
  ) -> StoredBlock {
    let (block, header, place, claim): (Int, FrameHeader, Reservation, UInt64)
    switch prepared {
    case .present(let block, let unflushed):
      return StoredBlock(block: block, outcome: .present, places: unflushed)
    case .refused(let block): return StoredBlock(block: block, outcome: .refused)
    case .placed(let number, let frame, let reservation, let claimed):
      (block, header, place, claim) = (number, frame, reservation, claimed)
    }
    defer { store.release(claim) }
    let groups = stream.groups.filter { header.groups.contains($0.group) }
    let use = store.state.withLock { Segment.Use(tick: $0.tick, reach: 0) }
    let isStored = store.append(header, at: place, use: use, buffer: buffer) { slots, salt in
      var at = 0
      for (group, bytes) in groups {
        let rows = group.rows * group.rowBytes
        for layer in 0..<group.layers {
          let from = (layer * range.count + block - range.lowerBound) * rows
          engram_block_seal(
            (bytes.baseAddress! + from).assumingMemoryBound(to: UInt8.self), group.rows,
            UInt32(group.rowBytes), salt, group.word | UInt64(layer) << 32,
            (slots.baseAddress! + at).assumingMemoryBound(to: UInt8.self))
          at += group.layerBytes
        }
      }
    }
    guard isStored else { return StoredBlock(block: block, outcome: .refused) }
    let bytes = groups.reduce(0) { $0 + $1.group.layers * $1.group.rows * $1.group.rowBytes }
    store.state.withLock { $0.counters.storedBytes += bytes }
    return StoredBlock(
      block: block, outcome: .stored,
      places: [(place.active, place.offset + header.frameBytes)])
  }
}
