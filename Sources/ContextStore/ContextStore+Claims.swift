import Foundation

extension ContextStore {
  enum Claim {
    /// All that is given is there; where it may not be on the disk yet.
    case present([(active: ActiveSegment, end: Int)])
    /// The caller stores these groups, and releases the claim.
    case claimed(UInt32)
  }

  /// Whether a block is there, or the right to store what is missing: the same block is stored by one
  /// caller at a time, others wait for the outcome.
  ///
  /// - Parameter name: of the claim.
  func claim(
    _ name: UInt64, _ block: Int, of keys: BlockKeys, mask: UInt32, space: ContextSpace
  ) -> Claim {
    let now = clock.now
    claims.lock()
    defer { claims.unlock() }
    while true {
      var places: [(segment: Segment, end: Int)] = []
      let missing = state.withLock { state -> UInt32? in
        guard !state.claimed.contains(name) else { return nil }
        var missing = mask
        state.forEachFrame(of: block, keys) { segment, ordinal, frame in
          let alive = space.alive(frame, mask: segment.entries[ordinal].mask, now: now)
          if alive & missing != 0 {
            missing &= ~alive
            places.append((segment, segment.entries[ordinal].offset + frame.frameBytes))
          }
          return missing == 0
        }
        if missing != 0 { state.claimed.insert(name) }
        return missing
      }
      switch missing {
      case nil: claims.wait()
      case 0?: return .present(unflushed(places))
      case let missing?: return .claimed(missing)
      }
    }
  }

  func release(_ name: UInt64) {
    claims.lock()
    _ = state.withLock { $0.claimed.remove(name) }
    claims.broadcast()
    claims.unlock()
  }

  private func unflushed(
    _ places: [(segment: Segment, end: Int)]
  ) -> [(active: ActiveSegment, end: Int)] {
    // Whoever seals holds `appending` until the segment is on the disk.
    let places = state.withLock { _ in places.filter { !$0.segment.isSealed } }
    if places.isEmpty { return [] }
    let actives = appending.withLock { Array($0.actives.values) }
    return places.compactMap { place in
      actives.first { $0.segment === place.segment }.map { ($0, place.end) }
    }
  }
}

extension ContextSpace {
  /// Which groups of a frame may still be served, a bit each.
  @inline(__always)
  func alive(_ frame: FrameView, mask: UInt32, now: UInt64) -> UInt32 {
    var alive: UInt32 = 0
    for index in lifetimeOfGroup.indices where mask & 1 << UInt32(index) != 0 {
      let lifetime = lifetimeOfGroup[index]
      if lifetime == 0 || frame.created &+ lifetime > now { alive |= 1 << UInt32(index) }
    }
    return alive
  }
}

extension StoreState {
  /// Calls `body` with each frame of a block, until it returns true.
  @inline(__always)
  func forEachFrame(
    of block: Int, _ keys: BlockKeys, _ body: (Segment, Int, FrameView) -> Bool
  ) {
    let fingerprint = keys.fingerprint(block)
    index.search(fingerprint) { place in
      guard let segment = segments[place.segment],
        segment.entries[place.ordinal].fingerprint == fingerprint,
        let frame = segment.frame(place.ordinal), keys.matches(block, frame)
      else { return false }
      return body(segment, place.ordinal, frame)
    }
  }

  /// Notes that these blocks were used now, in a prompt of `reach` tokens.
  func touch(_ keys: BlockKeys, range: Range<Int>, reach: UInt32) {
    for block in range {
      forEachFrame(of: block, keys) { segment, ordinal, _ in
        segment.touch(ordinal, tick: tick, reach: reach)
        return false
      }
    }
  }
}

extension Segment {
  func touch(_ ordinal: Int, tick: UInt64, reach: UInt32) {
    uses[ordinal].tick = max(uses[ordinal].tick, tick)
    uses[ordinal].reach = max(uses[ordinal].reach, reach)
  }
}
