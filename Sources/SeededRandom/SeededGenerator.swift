/// SplitMix64: numbers that follow from a seed, the same on every machine, for tests that can be
/// run again and for benchmarks. Not for secrets.
///
///     var generator = SeededGenerator(seed: 1)
///     let byte = UInt8.random(in: 0...255, using: &generator)
///
/// The period is 2^64. Source: G. L. Steele, D. Lea and C. H. Flood,
/// "Fast splittable pseudorandom number generators", OOPSLA 2014, with the mixing constants of
/// S. Vigna's public-domain splitmix64.c.
public struct SeededGenerator: RandomNumberGenerator, Sendable {
  private var state: UInt64

  /// The generator whose numbers follow from `seed`; any seed will do.
  public init(seed: UInt64) { state = seed }

  /// 64 bits, all of them equally random.
  public mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
    return mixed ^ mixed >> 31
  }
}
