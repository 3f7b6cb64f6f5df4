import Files

/// What a context store knows: segments, where the blocks are, what was asked and found. Guarded by the
/// store's lock.
struct StoreState {
  /// Segments by slot; slots are used again.
  var segments: [Segment?] = []
  private var freeSlots: [Int] = []
  /// Slots by a segment's number.
  private(set) var slots: [Int: Int] = [:]
  var index = BlockIndex()
  /// Claims on blocks that are being stored now.
  var claimed: Set<UInt64> = []
  var pins = PinTable()
  var counters = ContextCounters()
  /// Counts questions and puts: the age of a block is measured in them, not in seconds, so that no
  /// clock matters.
  var tick: UInt64 = 1
  var spaces: [String: KnownSpace] = [:]
  /// Numbers of the segments that are written: no list beside them says that they were there.
  var writing: Set<UInt64> = []
  /// Segments that were evicted while somebody reads from them: their space is not free yet.
  var held: [HeldSegment] = []

  struct HeldSegment {
    weak var segment: Segment?
    let bytes: Int
  }

  /// Bytes of all segments' files, those held included.
  mutating func diskBytes() -> Int {
    held.removeAll { $0.segment == nil }
    return segments.reduce(0) { $0 + ($1?.diskBytes ?? 0) } + held.reduce(0) { $0 + $1.bytes }
  }

  /// Takes a segment in, with all of its live blocks.
  mutating func add(_ segment: Segment) -> Int? {
    let slot: Int
    if let free = freeSlots.popLast() {
      slot = free
      segments[slot] = segment
    } else {
      guard segments.count < BlockIndex.mostSegments else { return nil }
      slot = segments.count
      segments.append(segment)
    }
    slots[segment.number] = slot
    let all = segments
    func fingerprintOf(_ place: BlockIndex.Place) -> UInt64 {
      all[place.segment]?.entries[place.ordinal].fingerprint ?? 0
    }
    index.reserve(segment.entries.count, fingerprintOf: fingerprintOf)
    for (ordinal, entry) in segment.entries.enumerated() where segment.isLive(ordinal) {
      index.insert(
        entry.fingerprint, BlockIndex.Place(segment: slot, ordinal: ordinal),
        fingerprintOf: fingerprintOf)
    }
    return slot
  }

  /// Makes the block that was added last to a segment one that is found.
  mutating func insertLast(of segment: Segment) {
    guard let slot = slots[segment.number], let last = segment.entries.last else { return }
    let all = segments
    index.insert(
      last.fingerprint, BlockIndex.Place(segment: slot, ordinal: segment.entries.count - 1)
    ) { all[$0.segment]?.entries[$0.ordinal].fingerprint ?? 0 }
  }

  /// Forgets a segment and its blocks. Its files are not touched.
  mutating func remove(_ segment: Segment) {
    guard let slot = slots.removeValue(forKey: segment.number) else { return }
    for (ordinal, entry) in segment.entries.enumerated() where segment.isLive(ordinal) {
      index.remove(entry.fingerprint, BlockIndex.Place(segment: slot, ordinal: ordinal))
    }
    segments[slot] = nil
    freeSlots.append(slot)
  }

  /// Takes a block out of the index and marks it; whether it was there.
  @discardableResult
  mutating func kill(_ ordinal: Int, of segment: Segment) -> Bool {
    guard let slot = slots[segment.number], segment.dead.insert(UInt32(ordinal)).inserted else {
      return false
    }
    index.remove(
      segment.entries[ordinal].fingerprint, BlockIndex.Place(segment: slot, ordinal: ordinal))
    return true
  }
}

/// A namespace that the store has seen.
struct KnownSpace: Sendable {
  var namespace: ContextNamespace
  var lifetimes: [String: Double]
}
