/// The merges of a BPE model: which pair of tokens becomes which, and how early.
struct MergeTable: Sendable {
  /// What a pair merges into. A lower rank is merged first.
  struct Merge: Sendable {
    /// `UInt32.max` where the pair does not merge.
    var rank: UInt32
    var id: Int32

    static let none = Merge(rank: .max, id: -1)
  }

  private struct Slot: Sendable {
    /// left << 32 | right; all bits set where the slot is free.
    var pair: UInt64
    var merge: Merge
  }

  private var slots: [Slot]
  private let shift: UInt64

  /// An empty table with room for `capacity` pairs.
  init(capacity: Int) {
    var bits = 4
    while 1 << bits < capacity * 2 { bits += 1 }
    slots = [Slot](repeating: Slot(pair: .max, merge: .none), count: 1 << bits)
    shift = UInt64(64 - bits)
  }

  /// Sets what a pair merges into; a pair that was there is replaced. No more pairs than the
  /// table was made for.
  mutating func insert(_ left: Int32, _ right: Int32, _ merge: Merge) {
    let pair = Self.pair(left, right)
    var slot = Int(truncatingIfNeeded: (pair &* Self.multiplier) >> shift)
    while slots[slot].pair != .max, slots[slot].pair != pair {
      slot = (slot + 1) & (slots.count - 1)
    }
    slots[slot] = Slot(pair: pair, merge: merge)
  }

  /// What a pair merges into.
  @inline(__always)
  func merge(_ left: Int32, _ right: Int32) -> Merge {
    slots.withUnsafeBufferPointer { slots in
      let pair = Self.pair(left, right)
      var slot = Int(truncatingIfNeeded: (pair &* Self.multiplier) >> shift)
      while true {
        let found = slots[slot]
        if found.pair == pair { return found.merge }
        if found.pair == .max { return .none }
        slot = (slot &+ 1) & (slots.count &- 1)
      }
    }
  }

  private static let multiplier: UInt64 = 0x9E37_79B9_7F4A_7C15

  @inline(__always)
  private static func pair(_ left: Int32, _ right: Int32) -> UInt64 {
    UInt64(UInt32(bitPattern: left)) << 32 | UInt64(UInt32(bitPattern: right))
  }
}
