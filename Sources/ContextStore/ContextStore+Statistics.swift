extension ContextStore {
  /// What the store holds, and what was asked of it since it was opened.
  ///
  /// - Complexity: O(segments, and blocks that were cleared).
  public var statistics: ContextStatistics {
    let now = clock.now
    return state.withLock { state in
      state.pins.dropExpired(now: now)
      let counters = state.counters
      return ContextStatistics(
        capacityBytes: capacityBytes, segmentBytes: segmentBytes, usedBytes: state.diskBytes(),
        liveBytes: state.segments.reduce(0) { $0 + ($1?.liveBytes ?? 0) },
        segments: state.segments.count { $0 != nil }, blocks: state.index.count,
        namespaces: state.spaces.count, pinnedBlocks: state.pins.count,
        lookups: counters.lookups, lookedUpBlocks: counters.lookedUpBlocks,
        foundBlocks: counters.foundBlocks, storedBlocks: counters.storedBlocks,
        presentBlocks: counters.presentBlocks, refusedBlocks: counters.refusedBlocks,
        storedBytes: counters.storedBytes, readBytes: counters.readBytes,
        gatheredRows: counters.gatheredRows, evictedSegments: counters.evictedSegments,
        evictedBlocks: counters.evictedBlocks, movedBlocks: counters.movedBlocks,
        damagedBlocks: counters.damagedBlocks, expiredBlocks: counters.expiredBlocks)
    }
  }

  /// What is stored of each namespace, those included whose description is lost.
  ///
  /// - Complexity: O(blocks): the head of each is read.
  public func spaceStatistics() -> [ContextSpaceStatistics] {
    let now = clock.now
    let digits = Array("0123456789abcdef".utf8)
    return state.withLock { state in
      var found: [[UInt8]: ContextSpaceStatistics] = [:]
      for segment in state.segments {
        guard let segment else { continue }
        for (ordinal, entry) in segment.entries.enumerated() where segment.isLive(ordinal) {
          guard let frame = segment.frame(ordinal) else { continue }
          let isPinned = state.pins.isPinned(entry.fingerprint, now: now)
          found[
            Array(frame.namespace),
            default: ContextSpaceStatistics(id: "", blocks: 0, bytes: 0, pinned: 0)
          ].add(bytes: entry.frameBytes, isPinned: isPinned)
        }
      }
      for id in state.spaces.keys where !found.contains(where: { hexadecimal($0.key) == id }) {
        found[Array(id.utf8)] = ContextSpaceStatistics(id: id, blocks: 0, bytes: 0, pinned: 0)
      }
      func hexadecimal(_ bytes: [UInt8]) -> String {
        String(
          decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
      }
      return found.map { key, value in
        var value = value
        if value.id.isEmpty { value.id = hexadecimal(key) }
        return value
      }.sorted { $0.id < $1.id }
    }
  }
}

extension ContextSpaceStatistics {
  fileprivate mutating func add(bytes more: Int, isPinned: Bool) {
    blocks += 1
    bytes += more
    if isPinned { pinned += 1 }
  }
}
