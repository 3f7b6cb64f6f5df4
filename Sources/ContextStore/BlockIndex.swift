/// Where the blocks are: an open-addressing table from a key's first eight bytes to places.
///
/// A place is a segment's slot in the store's list of segments and the block's number in it. Keys that
/// begin alike share a chain; whoever looks compares the whole key. Eight bytes a slot, at most
/// three quarters of them in use: 11 to 22 bytes a block.
struct BlockIndex {
  /// Where a block is.
  struct Place: Hashable {
    let segment: Int
    let ordinal: Int
  }

  /// Blocks that can be numbered in a segment, and segments.
  static let mostBlocks = 1 << 26
  static let mostSegments = 1 << 21

  private static let removed: UInt64 = 1
  private var slots: [UInt64] = Array(repeating: 0, count: 1024)
  private var filled = 0
  /// Blocks in it.
  private(set) var count = 0

  // 0 is an empty slot, 1 a removed one; bit 63 marks a place: 16 bits of the fingerprint, then the
  // segment (21 bits), then the ordinal (26).
  private static func pack(_ fingerprint: UInt64, _ place: Place) -> UInt64 {
    1 << 63 | (fingerprint >> 48) << 47 | UInt64(place.segment) << 26 | UInt64(place.ordinal)
  }

  private static func unpack(_ slot: UInt64) -> Place {
    Place(
      segment: Int(slot >> 26 & UInt64(mostSegments - 1)),
      ordinal: Int(slot & UInt64(mostBlocks - 1)))
  }

  /// Calls `body` with each place whose key may have this fingerprint, until it returns true.
  @inline(__always)
  func search(_ fingerprint: UInt64, _ body: (Place) -> Bool) {
    let mask = slots.count - 1
    let tag = (fingerprint >> 48) | 1 << 16
    var at = Int(truncatingIfNeeded: fingerprint) & mask
    slots.withUnsafeBufferPointer { slots in
      while slots[at] != 0 {
        if slots[at] >> 47 == tag, body(Self.unpack(slots[at])) { return }
        at = (at + 1) & mask
      }
    }
  }

  /// Adds a block.
  ///
  /// - Parameter fingerprintOf: the fingerprint of a place that is in the index already.
  mutating func insert(
    _ fingerprint: UInt64, _ place: Place, fingerprintOf: (Place) -> UInt64
  ) {
    if (filled + 1) * 4 > slots.count * 3 { rebuild(fingerprintOf: fingerprintOf) }
    put(fingerprint, Self.pack(fingerprint, place))
    count += 1
  }

  private mutating func put(_ fingerprint: UInt64, _ value: UInt64) {
    let mask = slots.count - 1
    var at = Int(truncatingIfNeeded: fingerprint) & mask
    while slots[at] > Self.removed { at = (at + 1) & mask }
    if slots[at] == 0 { filled += 1 }
    slots[at] = value
  }

  /// Takes a block out; one that is not there is none of its business.
  mutating func remove(_ fingerprint: UInt64, _ place: Place) {
    let mask = slots.count - 1
    let value = Self.pack(fingerprint, place)
    var at = Int(truncatingIfNeeded: fingerprint) & mask
    while slots[at] != 0 {
      if slots[at] == value {
        slots[at] = Self.removed
        count -= 1
        return
      }
      at = (at + 1) & mask
    }
  }

  /// Makes room for `more` blocks at once.
  mutating func reserve(_ more: Int, fingerprintOf: (Place) -> UInt64) {
    if (filled + more) * 4 > slots.count * 3 { rebuild(more: more, fingerprintOf: fingerprintOf) }
  }

  private mutating func rebuild(more: Int = 1, fingerprintOf: (Place) -> UInt64) {
    var size = 1024
    while (count + more) * 2 > size { size *= 2 }
    let old = slots
    slots = Array(repeating: 0, count: size)
    filled = 0
    for slot in old where slot > Self.removed { put(fingerprintOf(Self.unpack(slot)), slot) }
  }
}
