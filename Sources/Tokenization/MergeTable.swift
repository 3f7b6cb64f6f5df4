/// The merges of a BPE model: which pair of tokens becomes which, and how early.
final class MergeTable: Sendable {
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

  // Filled by `init` and then only read: safe from every thread. Memory of our own, because an
  // array would be retained for every word, by all threads at once.
  private nonisolated(unsafe) let slots: UnsafeMutablePointer<Slot>
  /// A bit for each hash of a pair that merges. Most pairs do not, and this table fits into a
  /// core's own cache where the other does not.
  private nonisolated(unsafe) let mayMerge: UnsafeMutablePointer<UInt64>
  private let mask: Int
  private let shift: UInt64

  /// A table of pairs; of several entries for one pair the last counts.
  init(_ entries: [(left: Int32, right: Int32, merge: Merge)]) {
    var bits = 4
    while 1 << bits < entries.count * 2 { bits += 1 }
    mask = 1 << bits - 1
    shift = UInt64(64 - bits)
    slots = .allocate(capacity: 1 << bits)
    slots.initialize(repeating: Slot(pair: .max, merge: .none), count: 1 << bits)
    mayMerge = .allocate(capacity: 1 << (Self.filterBits - 6))
    mayMerge.initialize(repeating: 0, count: 1 << (Self.filterBits - 6))
    for entry in entries {
      let pair = Self.pair(entry.left, entry.right)
      let hash = pair &* Self.multiplier
      let bit = Int(truncatingIfNeeded: hash >> UInt64(64 - Self.filterBits))
      mayMerge[bit >> 6] |= 1 << UInt64(bit & 63)
      var slot = Int(truncatingIfNeeded: hash >> shift)
      while slots[slot].pair != .max, slots[slot].pair != pair { slot = (slot + 1) & mask }
      slots[slot] = Slot(pair: pair, merge: entry.merge)
    }
  }

  deinit {
    slots.deallocate()
    mayMerge.deallocate()
  }

  /// What a pair merges into.
  @inline(__always)
  func merge(_ left: Int32, _ right: Int32) -> Merge {
    let pair = Self.pair(left, right)
    let hash = pair &* Self.multiplier
    let bit = Int(truncatingIfNeeded: hash &>> UInt64(64 &- Self.filterBits))
    if mayMerge[bit &>> 6] &>> UInt64(bit & 63) & 1 == 0 { return .none }
    var slot = Int(truncatingIfNeeded: hash &>> shift)
    while true {
      let found = slots[slot]
      if found.pair == pair { return found.merge }
      if found.pair == .max { return .none }
      slot = (slot &+ 1) & mask
    }
  }

  /// 256 KiB; one pair in twenty that does not merge is let through at 128,000 merges.
  private static let filterBits = 21
  private static let multiplier: UInt64 = 0x9E37_79B9_7F4A_7C15

  @inline(__always)
  private static func pair(_ left: Int32, _ right: Int32) -> UInt64 {
    UInt64(UInt32(bitPattern: left)) << 32 | UInt64(UInt32(bitPattern: right))
  }
}

/// What each pair of bytes merges into: where every word begins, so a table of its own.
final class BytePairTable: Sendable {
  // Filled by `init` and then only read: safe from every thread.
  private nonisolated(unsafe) let merges: UnsafeMutablePointer<MergeTable.Merge>

  /// - Parameter tokens: the token of each byte; bytes without one merge with nothing.
  init(_ tokens: [Int32], _ table: MergeTable) {
    merges = .allocate(capacity: 1 << 16)
    merges.initialize(repeating: .none, count: 1 << 16)
    for (left, leftToken) in tokens.enumerated() where leftToken >= 0 {
      for (right, rightToken) in tokens.enumerated() where rightToken >= 0 {
        merges[left << 8 | right] = table.merge(leftToken, rightToken)
      }
    }
  }

  deinit { merges.deallocate() }

  @inline(__always)
  func merge(_ left: UInt8, _ right: UInt8) -> MergeTable.Merge {
    merges[Int(left) << 8 | Int(right)]
  }
}
