/// The tokens of a model by id and by their raw text, byte for byte.
struct Vocabulary: Sendable {
  /// Ids above this are refused: a table of ids must stay small.
  static let idLimit = 1 << 24

  private var arena: [UInt8] = []
  /// Where each id's raw text lies in `arena`; an empty range for ids that name no token.
  private var ranges: [Range<UInt32>] = []
  private var known: [Bool] = []
  /// Open addressing over the raw text: id + 1, 0 where free.
  private var slots: [UInt32] = []
  private var count = 0

  /// One more than the highest id.
  var size: Int { ranges.count }

  /// Whether `id` names a token.
  func contains(_ id: Int32) -> Bool { id >= 0 && id < Int32(size) && known[Int(id)] }

  /// Gives `id` a raw text. Neither may be taken.
  mutating func insert(
    _ text: ArraySlice<UInt8>, id: Int, field: String
  )
    throws(TokenizationError)
  {
    guard id >= 0, id < Self.idLimit else {
      throw .invalid(field: field, reason: "id \(id) is not in 0..<\(Self.idLimit)")
    }
    guard arena.count + text.count < 1 << 31 else {
      throw .invalid(field: field, reason: "its texts are too long")
    }
    if id >= ranges.count {
      ranges.append(contentsOf: repeatElement(0..<0, count: id + 1 - ranges.count))
      known.append(contentsOf: repeatElement(false, count: id + 1 - known.count))
    }
    guard !known[id] else {
      throw .invalid(field: field, reason: "id \(id) is given to two tokens")
    }
    let start = UInt32(arena.count)
    arena.append(contentsOf: text)
    ranges[id] = start..<UInt32(arena.count)
    known[id] = true
    count += 1
    if count * 2 > slots.count { grow() }
    place(id)
  }

  /// The id of a raw text.
  func id(of text: UnsafeBufferPointer<UInt8>) -> Int32? {
    guard !slots.isEmpty else { return nil }
    return withBytes { base in
      var slot = Self.hash(text) & (slots.count - 1)
      while slots[slot] != 0 {
        let id = Int(slots[slot]) - 1
        let range = ranges[id]
        if range.count == text.count,
          (0..<text.count).allSatisfy({ base[Int(range.lowerBound) + $0] == text[$0] })
        {
          return Int32(id)
        }
        slot = (slot + 1) & (slots.count - 1)
      }
      return nil
    }
  }

  /// The id of a raw text.
  func id(of text: ArraySlice<UInt8>) -> Int32? {
    text.withUnsafeBufferPointer { id(of: $0) }
  }

  /// Calls `body` with the raw text of `id`, empty for an id that names no token.
  func withText<R>(of id: Int32, _ body: (UnsafeBufferPointer<UInt8>) -> R) -> R {
    guard contains(id) else { return body(UnsafeBufferPointer(start: nil, count: 0)) }
    let range = ranges[Int(id)]
    return arena.withUnsafeBufferPointer {
      body(UnsafeBufferPointer(rebasing: $0[Int(range.lowerBound)..<Int(range.upperBound)]))
    }
  }

  private func withBytes<R>(_ body: (UnsafeBufferPointer<UInt8>) -> R) -> R {
    arena.withUnsafeBufferPointer(body)
  }

  private mutating func grow() {
    slots = [UInt32](repeating: 0, count: max(64, slots.count * 4))
    for id in ranges.indices where known[id] { place(id) }
  }

  private mutating func place(_ id: Int) {
    let mask = slots.count - 1
    var slot = withText(of: Int32(id), Self.hash) & mask
    while slots[slot] != 0 { slot = (slot + 1) & mask }
    slots[slot] = UInt32(id + 1)
  }

  private static func hash(_ text: UnsafeBufferPointer<UInt8>) -> Int {
    // Swift's hasher is seeded by process: a hostile file cannot aim at one chain.
    var hasher = Hasher()
    hasher.combine(bytes: UnsafeRawBufferPointer(text))
    return hasher.finalize() & Int.max
  }
}
