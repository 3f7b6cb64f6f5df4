/// The bounded integers of NumPy's `default_rng(seed)`, bit for bit.
///
///     var random = NumPyRandom(seed: 10007)
///     let multiplier = random.integer(below: 46_540_000_000_000) * 2 + 1
///
/// Published tables were addressed with multipliers drawn this way, so the generator is a part
/// of their format. Source: NumPy 2.4 `SeedSequence` (M. E. O'Neill, "Developing a seed_seq
/// alternative"), `PCG64` (PCG XSL RR 128/64) and `Generator.integers` (Lemire, "Fast random
/// integer generation in an interval", 2019).
struct NumPyRandom: Sendable {
  private var state: UInt128 = 0
  private let increment: UInt128
  /// The upper half of a draw whose lower half was handed out as 32 bits.
  private var spare: UInt32?

  private static let multiplier = UInt128(0x2360_ED05_1FC6_5DA4) << 64 | 0x4385_DF64_9FCC_F645

  /// The generator that `default_rng(seed)` gives.
  init(seed: UInt64) {
    let words = SeedSequence(entropy: seed).words()
    let start = UInt128(words[0]) << 64 | UInt128(words[1])
    let sequence = UInt128(words[2]) << 64 | UInt128(words[3])
    increment = sequence << 1 | 1
    step()
    state &+= start
    step()
  }

  /// The next element of `integers(0, limit, dtype=int64)`.
  ///
  /// - Parameter limit: the exclusive upper bound; a bound of 1 or less draws nothing.
  mutating func integer(below limit: UInt64) -> UInt64 {
    guard limit > 1 else { return 0 }
    // NumPy compares the largest value, not the number of values, with 32 bits.
    let largest = limit - 1
    if largest > UInt64(UInt32.max) { return wideInteger(below: limit) }
    if largest == UInt64(UInt32.max) { return UInt64(next32()) }
    return UInt64(narrowInteger(below: UInt32(limit)))
  }

  private mutating func wideInteger(below limit: UInt64) -> UInt64 {
    var product = next64().multipliedFullWidth(by: limit)
    if product.low < limit {
      let threshold = (0 &- limit) % limit
      while product.low < threshold { product = next64().multipliedFullWidth(by: limit) }
    }
    return product.high
  }

  private mutating func narrowInteger(below limit: UInt32) -> UInt32 {
    var product = next32().multipliedFullWidth(by: limit)
    if product.low < limit {
      let threshold = (0 &- limit) % limit
      while product.low < threshold { product = next32().multipliedFullWidth(by: limit) }
    }
    return product.high
  }

  private mutating func step() {
    state = state &* Self.multiplier &+ increment
  }

  /// PCG's XSL RR output: both halves folded, then rotated by the top six bits.
  private mutating func next64() -> UInt64 {
    step()
    let folded = UInt64(truncatingIfNeeded: state >> 64) ^ UInt64(truncatingIfNeeded: state)
    let rotation = UInt64(truncatingIfNeeded: state >> 122)
    return folded >> rotation | folded << (64 &- rotation & 63)
  }

  /// 32 bits: the lower half of a draw first, its upper half the next time.
  private mutating func next32() -> UInt32 {
    if let spare {
      self.spare = nil
      return spare
    }
    let draw = next64()
    spare = UInt32(truncatingIfNeeded: draw >> 32)
    return UInt32(truncatingIfNeeded: draw)
  }
}

/// NumPy's `SeedSequence` for one integer of up to 64 bits: spreads it over a pool of four words.
private struct SeedSequence {
  private var pool: [UInt32]
  private static let poolSize = 4

  init(entropy: UInt64) {
    let words = [UInt32(truncatingIfNeeded: entropy), UInt32(entropy >> 32)]
    let used = entropy > UInt64(UInt32.max) ? 2 : 1
    var key: UInt32 = 0x43B0_D7E5
    func absorb(_ word: UInt32) -> UInt32 {
      var value = word ^ key
      key &*= 0x931E_8875
      value &*= key
      return value ^ value >> 16
    }
    pool = (0..<Self.poolSize).map { absorb($0 < used ? words[$0] : 0) }
    for source in 0..<Self.poolSize {
      for target in 0..<Self.poolSize where target != source {
        let mixed = 0xCA01_F9DD &* pool[target] &- 0x4973_F715 &* absorb(pool[source])
        pool[target] = mixed ^ mixed >> 16
      }
    }
  }

  /// `generate_state(4, uint64)`.
  func words() -> [UInt64] {
    var key: UInt32 = 0x8B51_F9DD
    let halves = (0..<8).map { index in
      var value = pool[index % Self.poolSize] ^ key
      key &*= 0x58F3_8DED
      value &*= key
      return value ^ value >> 16
    }
    return (0..<4).map { UInt64(halves[2 * $0]) | UInt64(halves[2 * $0 + 1]) << 32 }
  }
}
