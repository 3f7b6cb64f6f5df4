/// Which samples of a dataset are left out of counting and training, to be evaluated on.
///
///     let heldOut = HeldOut(share: 0.01, seed: 0)
///     heldOut.contains(17)  // the same on every machine, whatever the dataset's size
///
/// Each sample is decided on its own, by a keyed hash of its number, so that a sample that is
/// appended moves no other one to the other side. Bit for bit in `Schemas/sample-order.md`.
public struct HeldOut: Sendable, Hashable {
  /// The part of all samples that is held out, about: 0 to 1.
  public let share: Double
  /// Another seed holds out other samples.
  public let seed: UInt64

  private let key: UInt64
  /// Words below this are held out; `nil` where all are.
  private let threshold: UInt64?

  /// - Parameter share: taken as 0 where it is below or no number, as 1 where it is above.
  public init(share: Double, seed: UInt64) {
    self.share = share >= 1 ? 1 : share > 0 ? share : 0
    self.seed = seed
    key = Self.mix((Self.mix(Self.purpose &+ Self.increment) ^ seed) &+ Self.increment)
    // A double below 1 times 2^64 is exact and below 2^64.
    threshold = self.share >= 1 ? nil : UInt64(self.share * 0x1p64)
  }

  /// Whether a sample is held out.
  ///
  /// - Parameter sample: its number in the dataset.
  /// - Complexity: O(1), a few nanoseconds.
  public func contains(_ sample: Int) -> Bool {
    guard let threshold else { return true }
    return Self.mix((key ^ UInt64(bitPattern: Int64(sample))) &+ Self.increment) < threshold
  }

  /// What this key is for, among the purposes of `Schemas/sample-order.md`.
  private static let purpose: UInt64 = 5

  /// 2^64 over the golden ratio, odd: SplitMix64's increment.
  private static let increment: UInt64 = 0x9E37_79B9_7F4A_7C15

  /// The finaliser of SplitMix64 (S. Vigna's public-domain splitmix64.c).
  private static func mix(_ word: UInt64) -> UInt64 {
    var mixed = word
    mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
    return mixed ^ mixed >> 31
  }
}
