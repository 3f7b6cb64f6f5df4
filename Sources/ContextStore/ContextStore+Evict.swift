import CKernels
import Files
import Foundation

/// What a block is worth keeping: more the more recently it was asked for, and the longer the prompts
/// that go through it, which cost more to compute again.
///
/// `(1 + reach / 65,536) / (1 + age)`, where age counts lookups and puts since, and reach the tokens of
/// the longest such prompt.
func worth(_ use: Segment.Use, tick: UInt64) -> Double {
  (1 + Double(use.reach) / 65_536) / (1 + Double(tick &- use.tick))
}

extension ContextStore {
  /// The segment whose bytes are worth the least, on the average.
  ///
  /// - Parameter isPinnedFine: whether it may have pinned blocks, which must be moved then: half of a
  ///   segment at most.
  func chooseVictim(besides other: Segment?, isPinnedFine: Bool) -> Segment? {
    let now = clock.now
    return state.withLock { state in
      state.pins.dropExpired(now: now)
      var best: (segment: Segment, value: Double)?
      for segment in state.segments {
        guard let segment, segment.isSealed || segment.records == nil, segment !== other else {
          continue
        }
        var value = 0.0
        var pinned = 0
        for (ordinal, entry) in segment.entries.enumerated() where segment.isLive(ordinal) {
          value += worth(segment.uses[ordinal], tick: state.tick) * Double(entry.frameBytes)
          if state.pins.isPinned(entry.fingerprint, now: now) { pinned += entry.frameBytes }
        }
        // What is pinned has to be copied, to a segment that must have room for it.
        guard pinned <= (isPinnedFine ? segmentBytes / 2 : 0) else { continue }
        value /= Double(max(1, segment.diskBytes))
        if best == nil || value < best!.value { best = (segment, value) }
      }
      return best?.segment
    }
  }

  /// The blocks of a segment that stay when it goes: what is pinned, and what is worth more than what
  /// the store holds on the average, up to a quarter of a segment.
  private func keepers(of segment: Segment) -> [Int] {
    let now = clock.now
    return state.withLock { state in
      let slot = state.slots[segment.number]
      var total = 0.0
      var bytes = 0
      for other in state.segments {
        guard let other else { continue }
        for (ordinal, entry) in other.entries.enumerated() where other.isLive(ordinal) {
          total += worth(other.uses[ordinal], tick: state.tick) * Double(entry.frameBytes)
          bytes += entry.frameBytes
        }
      }
      let mean = total / Double(max(1, bytes))
      var pinned: [Int] = []
      var worthy: [(ordinal: Int, worth: Double)] = []
      for (ordinal, entry) in segment.entries.enumerated() where segment.isLive(ordinal) {
        if segment.moved.contains(ordinal) { continue }
        if state.pins.isPinned(entry.fingerprint, now: now) {
          pinned.append(ordinal)
          continue
        }
        // Once the pinned are moved, only those are looked for that were pinned since.
        guard slot != nil, segment.moved.isEmpty else { continue }
        let value = worth(segment.uses[ordinal], tick: state.tick)
        if value > mean { worthy.append((ordinal, value)) }
      }
      var room = segmentBytes / 4
      var kept: [Int] = []
      for block in worthy.sorted(by: { $0.worth > $1.worth }) {
        room -= segment.entries[block.ordinal].frameBytes
        if room < 0 { break }
        kept.append(block.ordinal)
      }
      return pinned + kept.sorted()
    }
  }

  func hasKeepers(_ segment: Segment) -> Bool { !keepers(of: segment).isEmpty }

  /// Copies what stays of a segment that goes. Reads go on meanwhile.
  ///
  /// - Returns: whether the copies are on the disk; the segment must not go where they are not.
  func moveKeepers(of segment: Segment, to active: ActiveSegment) -> Bool {
    let buffer = FrameBuffer()
    let kept = keepers(of: segment)
    for ordinal in kept {
      let isMoved = move(ordinal, of: segment, to: active, buffer: buffer)
      state.withLock { state in
        // What cannot be moved is damaged, or there is no room: it is not tried again.
        segment.moved.insert(ordinal)
        if isMoved { state.counters.movedBlocks += 1 }
      }
    }
    let isDone = active.flush(upTo: active.end)
    if !isDone { state.withLock { _ in segment.moved.subtract(kept) } }
    return isDone
  }

  /// Copies a block to the end of a segment, checked; it is found there from then on.
  private func move(
    _ ordinal: Int, of segment: Segment, to active: ActiveSegment, buffer: FrameBuffer
  ) -> Bool {
    let found = state.withLock { _ -> (FrameHeader, Int, UnsafeRawBufferPointer, Segment.Use)? in
      guard let frame = segment.frame(ordinal), let data = segment.mappedData() else { return nil }
      return (frame.header, segment.entries[ordinal].offset, data, segment.uses[ordinal])
    }
    guard let (header, offset, data, use) = found,
      let place = Self.place(header, in: active)
    else { return false }
    let from = FrameHeader.salt(of: segment.header, offset: offset)
    var isWhole = true
    let rows = FrameBuffer()
    let isDone = append(header, at: place, use: use, buffer: buffer) { slots, salt in
      var at = 0
      for group in header.groups {
        let scratch = rows.take(group.rows * group.rowBytes).baseAddress!
          .assumingMemoryBound(to: UInt8.self)
        for layer in 0..<group.layers {
          let word = group.word | UInt64(layer) << 32
          let old = (data.baseAddress! + offset + header.payloadOffset + at)
            .assumingMemoryBound(to: UInt8.self)
          let copied = engram_block_open(
            old, group.rows, UInt32(group.rowBytes), from, word, scratch, 0)
          // What was damaged stays damaged: its rows are sealed with a sum that cannot be right.
          let isGood = copied == group.rows
          isWhole = isWhole && isGood
          engram_block_seal(
            scratch, group.rows, UInt32(group.rowBytes), isGood ? salt : ~salt, word,
            (slots.baseAddress! + at).assumingMemoryBound(to: UInt8.self))
          at += group.layerBytes
        }
      }
    }
    if !isWhole {
      log("a block in \(segment.dataPath) at \(offset) is damaged; it is a miss from now on")
      state.withLock { state in
        state.counters.damagedBlocks += 1
        let last = active.segment.entries.count - 1
        if isDone, last >= 0, active.segment.entries[last].offset == place.offset {
          state.kill(last, of: active.segment)
        }
      }
    }
    return isDone && isWhole
  }

  /// Takes a segment out: from the index first, then from the disk.
  ///
  /// - Parameter unlessPinned: leaves it where it has a block that is pinned and was not moved.
  /// - Returns: whether it is out.
  @discardableResult
  func evict(_ segment: Segment, unlessPinned: Bool = false) -> Bool {
    let now = clock.now
    let isOut = state.withLock { state in
      let hasPinned = segment.entries.indices.contains {
        segment.isLive($0) && !segment.moved.contains($0)
          && state.pins.isPinned(segment.entries[$0].fingerprint, now: now)
      }
      if unlessPinned, hasPinned { return false }
      state.counters.evictedSegments += 1
      state.counters.evictedBlocks += segment.entries.count - segment.dead.count
      state.remove(segment)
      // Counted as used until the last reader is done with it.
      state.held.append(StoreState.HeldSegment(segment: segment, bytes: segment.diskBytes))
      return true
    }
    if isOut { segment.unlinkFiles() }
    return isOut
  }

  /// Evicts what a smaller cap has no room for. What is pinned goes last.
  func trim() {
    let limit = capacityBytes - StoreBudget.reserve
    while state.withLock({ $0.diskBytes() }) > limit {
      guard
        let victim = chooseVictim(besides: nil, isPinnedFine: false)
          ?? state.withLock({ $0.segments.compactMap { $0 }.first })
      else { return }
      evict(victim)
    }
  }

  /// Takes out the segments all of whose blocks are too old to be served.
  func dropExpired() {
    let now = clock.now
    let expired = state.withLock { state in
      state.segments.compactMap { $0 }.filter { segment in
        let lifetime = segment.header.lifetime
        guard lifetime > 0, segment.isSealed, let newest = segment.newest else { return false }
        return newest &+ lifetime < now
      }
    }
    for segment in expired { evict(segment) }
  }
}
