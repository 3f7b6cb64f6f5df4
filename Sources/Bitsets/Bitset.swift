/// A set of the numbers 0..<count, a bit each.
///
///     var alive = Bitset(count: 100, filled: true)
///     alive.remove(17)
///     alive.contains(17)  // false
public struct Bitset: Hashable, Sendable {
  /// One more than the largest number that the set can hold.
  public let count: Int
  /// The bits, 64 a word, the lowest first; bits from `count` on are zero.
  public private(set) var words: [UInt64]

  /// A set of none, or of all, of 0..<count.
  public init(count: Int, filled: Bool = false) {
    self.count = count
    words = Array(repeating: filled ? .max : 0, count: (count + 63) / 64)
    if filled, count % 64 != 0 { words[words.count - 1] = (1 << UInt64(count % 64)) - 1 }
  }

  /// Whether `number`, one of 0..<count, is in the set.
  public func contains(_ number: Int) -> Bool {
    words[number >> 6] >> UInt64(number & 63) & 1 != 0
  }

  /// Adds a number of 0..<count.
  public mutating func insert(_ number: Int) {
    precondition(number >= 0 && number < count)
    words[number >> 6] |= 1 << UInt64(number & 63)
  }

  /// Adds a range within 0..<count.
  public mutating func insert(contentsOf range: Range<Int>) {
    precondition(range.lowerBound >= 0 && range.upperBound <= count)
    var number = range.lowerBound
    while number < range.upperBound {
      let end = min(range.upperBound, (number | 63) + 1)
      let bits = end - number
      let mask: UInt64 = bits == 64 ? .max : (1 << UInt64(bits)) - 1
      words[number >> 6] |= mask << UInt64(number & 63)
      number = end
    }
  }

  /// Takes a number of 0..<count out.
  public mutating func remove(_ number: Int) {
    precondition(number >= 0 && number < count)
    words[number >> 6] &= ~(1 << UInt64(number & 63))
  }

  /// Keeps what the other set, of the same `count`, has too.
  public mutating func formIntersection(_ other: Bitset) {
    precondition(count == other.count)
    for index in words.indices { words[index] &= other.words[index] }
  }

  /// Adds what the other set, of the same `count`, has.
  public mutating func formUnion(_ other: Bitset) {
    precondition(count == other.count)
    for index in words.indices { words[index] |= other.words[index] }
  }

  /// Calls `body` with the numbers in the set, ascending.
  public func forEach(_ body: (Int) throws -> Void) rethrows {
    for (index, word) in words.enumerated() {
      var rest = word
      while rest != 0 {
        try body(64 * index + rest.trailingZeroBitCount)
        rest &= rest - 1
      }
    }
  }

  /// How many numbers are in the set.
  public var population: Int { words.reduce(0) { $0 + $1.nonzeroBitCount } }
}
