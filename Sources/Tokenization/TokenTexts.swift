/// The texts of a vocabulary, found while one walks along some text byte by byte: no walk goes much
/// further than the longest token that begins there.
///
/// Hashes of every prefix of a token set a bit each; hashes of whole tokens lead to their ids.
struct TokenTexts: Sendable {
  /// Longer tokens are refused: a walk never goes further than this.
  static let lengthLimit = 1024

  private var arena: [UInt8] = []
  private var ranges: [Range<UInt32>] = []
  /// id + 1 by hash, 0 where free.
  private var slots: [UInt32]
  private var prefixes: [UInt64]
  private let prefixMask: UInt64
  /// Another one in every process: a hostile file cannot aim at one slot.
  private let seed = UInt64.random(in: .min ... .max)

  /// A table for `count` texts of `bytes` bytes together.
  init(count: Int, bytes: Int) {
    var size = 64
    while size < 2 * count { size *= 2 }
    slots = Array(repeating: 0, count: size)
    var bits = 1 << 12
    while bits < 8 * bytes, bits < 1 << 26 { bits *= 2 }
    prefixes = Array(repeating: 0, count: bits / 64)
    prefixMask = UInt64(bits - 1)
    arena.reserveCapacity(bytes)
    ranges.reserveCapacity(count)
  }

  /// How many texts there are.
  var count: Int { ranges.count }

  /// Adds the text of the next id; of equal texts the last is found. No more texts and bytes than
  /// were announced.
  mutating func append(_ text: ArraySlice<UInt8>) {
    let id = UInt32(ranges.count)
    let start = UInt32(arena.count)
    arena += text
    ranges.append(start..<UInt32(arena.count))
    var hash = seed
    for byte in text {
      hash = Self.extended(hash, byte)
      let bit = hash & prefixMask
      prefixes[Int(bit >> 6)] |= 1 << (bit & 63)
    }
    var slot = Self.slot(hash, slots.count)
    while slots[slot] != 0 {
      if self.text(Int(slots[slot]) - 1).elementsEqual(text) { break }
      slot = (slot + 1) & (slots.count - 1)
    }
    slots[slot] = id + 1
  }

  /// The text of an id.
  func text(_ id: Int) -> ArraySlice<UInt8> {
    arena[Int(ranges[id].lowerBound)..<Int(ranges[id].upperBound)]
  }

  /// The id of a text.
  func id(of text: some Collection<UInt8>) -> Int32? {
    let hash = text.reduce(seed) { Self.extended($0, $1) }
    var slot = Self.slot(hash, slots.count)
    while slots[slot] != 0 {
      let id = Int(slots[slot]) - 1
      if self.text(id).elementsEqual(text) { return Int32(id) }
      slot = (slot + 1) & (slots.count - 1)
    }
    return nil
  }

  /// Calls `body` with the length and the id of each token that `front` and the bytes at `text`
  /// begin with, the shortest first; the length counts bytes at `text`.
  @inline(__always)
  func walk(
    front: [UInt8] = [], _ text: UnsafePointer<UInt8>, _ count: Int,
    _ body: (Int, Int32) -> Void
  ) {
    var hash = seed
    for byte in front { hash = Self.extended(hash, byte) }
    prefixes.withUnsafeBufferPointer { prefixes in
      slots.withUnsafeBufferPointer { slots in
        arena.withUnsafeBufferPointer { arena in
          for index in 0..<min(count, Self.lengthLimit) {
            hash = Self.extended(hash, text[index])
            let bit = hash & prefixMask
            guard prefixes[Int(bit >> 6)] >> (bit & 63) & 1 != 0 else { return }
            var slot = Self.slot(hash, slots.count)
            while slots[slot] != 0 {
              let range = ranges[Int(slots[slot]) - 1]
              let known = arena[Int(range.lowerBound)..<Int(range.upperBound)]
              if Self.equals(known, front, text, index + 1) {
                body(index + 1, Int32(slots[slot]) - 1)
                break
              }
              slot = (slot + 1) & (slots.count - 1)
            }
          }
        }
      }
    }
  }

  @inline(__always)
  private static func equals(
    _ known: Slice<UnsafeBufferPointer<UInt8>>, _ front: [UInt8], _ text: UnsafePointer<UInt8>,
    _ count: Int
  ) -> Bool {
    guard known.count == front.count + count, known.starts(with: front) else { return false }
    let start = known.startIndex + front.count
    var index = 0
    while index < count {
      if known[start + index] != text[index] { return false }
      index += 1
    }
    return true
  }

  @inline(__always)
  private static func extended(_ hash: UInt64, _ byte: UInt8) -> UInt64 {
    let mixed = (hash ^ UInt64(byte)) &* 0x9E37_79B9_7F4A_7C15
    return mixed ^ mixed >> 29
  }

  @inline(__always)
  private static func slot(_ hash: UInt64, _ count: Int) -> Int {
    Int(truncatingIfNeeded: (hash &* 0xBF58_476D_1CE4_E5B9) >> 24) & (count - 1)
  }
}
