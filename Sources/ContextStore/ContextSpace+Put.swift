import CKernels
import Files
import Foundation

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
    var pending: [(block: Int, active: ActiveSegment, end: Int)] = []
    let buffer = FrameBuffer()
    var outcomes = [Outcome](repeating: .present, count: range.count)
    for block in range {
      for stream in streams {
        let outcome = store(
          block, of: keys, in: range, stream: stream, buffer: buffer, pending: &pending)
        outcomes[block - range.lowerBound] = max(outcomes[block - range.lowerBound], outcome)
      }
      if let last = pending.last, last.active.unflushedBytes > Self.unflushedLimit {
        _ = last.active.flush(upTo: last.end)
      }
    }
    if isDurable {
      for place in pending where !place.active.flush(upTo: place.end) {
        outcomes[place.block - range.lowerBound] = .refused
      }
    }
    for outcome in outcomes {
      switch outcome {
      case .present: result.present += 1
      case .stored: result.stored += 1
      case .refused: result.refused += 1
      }
    }
    let (done, reach) = (result, UInt32(clamping: range.upperBound * namespace.layout.blockTokens))
    store.state.withLock { state in
      state.counters.storedBlocks += done.stored
      state.counters.presentBlocks += done.present
      state.counters.refusedBlocks += done.refused
      state.touch(keys, range: range, reach: reach)
    }
    return result
  }

  private enum Outcome: Int, Comparable {
    case present, stored, refused
    static func < (left: Outcome, right: Outcome) -> Bool { left.rawValue < right.rawValue }
  }

  /// Groups that live equally long: they share frames.
  private struct Stream {
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

  private func store(
    _ block: Int, of keys: BlockKeys, in range: Range<Int>, stream: Stream, buffer: FrameBuffer,
    pending: inout [(block: Int, active: ActiveSegment, end: Int)]
  ) -> Outcome {
    let missing: UInt32
    switch store.claim(block, of: keys, mask: stream.mask, space: self) {
    case .present(let unflushed):
      for place in unflushed { pending.append((block, place.active, place.end)) }
      return .present
    case .claimed(let mask): missing = mask
    }
    defer { store.release(keys.fingerprint(block)) }
    let groups = stream.groups.filter { missing & 1 << UInt32($0.group.index) != 0 }
    let header = FrameHeader(
      namespace: namespace.digest.bytes, key: keys.key(block), parent: keys.parent(block),
      identity: keys.withIdentity(block) { Array($0) }, depth: block, created: store.clock.now,
      durable: 0, groups: groups.map(\.group))
    guard let place = store.reserve(header, lifetime: stream.lifetime) else { return .refused }
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
    guard isStored else { return .refused }
    let bytes = groups.reduce(0) { $0 + $1.group.layers * $1.group.rows * $1.group.rowBytes }
    store.state.withLock { $0.counters.storedBytes += bytes }
    pending.append((block, place.active, place.offset + header.frameBytes))
    return .stored
  }
}
