import ContextStore

extension Exposition {
  /// What a context store holds, and what was asked of it since the service was started.
  mutating func add(_ contexts: ContextStatistics) {
    let gauges = [
      (
        "engram_context_capacity_bytes", "The most bytes of the context store.",
        contexts.capacityBytes
      ),
      ("engram_context_used_bytes", "Bytes of the context store's files.", contexts.usedBytes),
      ("engram_context_live_bytes", "Bytes of blocks that can be found.", contexts.liveBytes),
      ("engram_context_segments", "Segments of the context store.", contexts.segments),
      ("engram_context_blocks", "Blocks that can be found.", contexts.blocks),
      ("engram_context_namespaces", "Namespaces of the context store.", contexts.namespaces),
      (
        "engram_context_pinned_blocks", "Blocks that are kept from eviction.", contexts.pinnedBlocks
      ),
    ]
    for (name, help, value) in gauges { one(name, "gauge", help, "\(value)") }
    let misses = max(0, contexts.lookedUpBlocks - contexts.foundBlocks)
    let counters = [
      ("engram_context_lookups_total", "Lookups, those before a read too.", contexts.lookups),
      ("engram_context_hits_total", "Blocks that lookups found.", contexts.foundBlocks),
      ("engram_context_misses_total", "Blocks that lookups did not find.", misses),
      ("engram_context_stored_total", "Blocks that puts stored.", contexts.storedBlocks),
      ("engram_context_present_total", "Blocks put that were there.", contexts.presentBlocks),
      ("engram_context_refused_total", "Blocks that had no room.", contexts.refusedBlocks),
      (
        "engram_context_stored_bytes_total", "Bytes of rows that were stored.", contexts.storedBytes
      ),
      ("engram_context_read_bytes_total", "Bytes of rows that were read.", contexts.readBytes),
      ("engram_context_gathered_rows_total", "Rows read by number.", contexts.gatheredRows),
      ("engram_context_evicted_total", "Blocks that had to make room.", contexts.evictedBlocks),
      (
        "engram_context_evicted_segments_total", "Segments that had to go.",
        contexts.evictedSegments
      ),
      (
        "engram_context_damaged_total", "Blocks that did not match their checksums.",
        contexts.damagedBlocks
      ),
      (
        "engram_context_expired_total", "Blocks that were too old when asked for.",
        contexts.expiredBlocks
      ),
    ]
    for (name, help, value) in counters { one(name, "counter", help, "\(value)") }
  }
}
