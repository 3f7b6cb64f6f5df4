/// A 64-bit key that follows from a purpose, a seed and an epoch, and the mixer that makes it.
///
/// The mixer is the finaliser of SplitMix64 (S. Vigna's public-domain splitmix64.c, after "Mix13"
/// of D. Stafford's "Better bit mixing", 2011); `Schemas/sample-order.md` has every step.
struct OrderKey: Hashable, Sendable {
  /// What a key is for: orders of different things never share keys.
  enum Purpose: UInt64 {
    case samples = 1
    case chunks = 2
    case window = 3
    case mixture = 4
  }

  let bits: UInt64

  init(_ purpose: Purpose, seed: UInt64, epoch: Int) {
    var bits = Self.mix(purpose.rawValue &+ Self.increment)
    bits = Self.mix((bits ^ seed) &+ Self.increment)
    self.bits = Self.mix((bits ^ UInt64(bitPattern: Int64(epoch))) &+ Self.increment)
  }

  private init(bits: UInt64) { self.bits = bits }

  /// The key of the part `number` of what this key is for.
  func part(_ number: Int) -> OrderKey {
    OrderKey(bits: Self.mix((bits ^ UInt64(bitPattern: Int64(number))) &+ Self.increment))
  }

  /// The keys of the 8 rounds of a permutation.
  var rounds: SIMD8<UInt64> {
    var keys = SIMD8<UInt64>()
    for round in 0..<8 { keys[round] = Self.mix(bits &+ UInt64(round + 1) &* Self.increment) }
    return keys
  }

  /// 2^64 over the golden ratio, odd: SplitMix64's increment.
  static let increment: UInt64 = 0x9E37_79B9_7F4A_7C15

  /// A bijection of 64-bit words in which each bit of the argument moves half of the result's.
  @inline(__always)
  static func mix(_ word: UInt64) -> UInt64 {
    var mixed = word
    mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
    return mixed ^ mixed >> 31
  }
}
