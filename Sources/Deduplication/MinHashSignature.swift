import SeededRandom

/// 128 numbers of which two documents share as large a part as their texts have of their word
/// 5-grams in common (Jaccard similarity), give or take a few hundredths.
///
/// Each is the smallest value that one of 128 hash functions takes over the 5-grams, cut to 16 bits.
/// Sources: A. Broder, "On the resemblance and containment of documents", 1997; 16 bits are enough by
/// P. Li and A. C. König, "b-Bit minwise hashing", WWW 2010. Bit for bit in
/// `Schemas/deduplication.md`. A pure function of the text: safe from any thread.
public struct MinHashSignature: Hashable, Sendable {
  /// How many hash functions there are.
  public static let size = 128

  /// Words of a shingle.
  public static let shingle = 5

  /// 128 numbers; none where the text has no word.
  let values: [UInt16]

  /// Has the text a word? Without one it resembles nothing.
  public var isEmpty: Bool { values.isEmpty }

  /// The signature of a text.
  ///
  /// - Parameter text: UTF-8; other bytes part words.
  /// - Complexity: 128 multiplications a word, constant memory.
  public init(of text: UnsafeRawBufferPointer) {
    values = withUnsafeTemporaryAllocation(of: UInt64.self, capacity: Self.batch + Self.size) {
      memory in
      let shingles = UnsafeMutableBufferPointer(rebasing: memory[0..<Self.batch])
      let minima = UnsafeMutableBufferPointer(rebasing: memory[Self.batch...])
      minima.initialize(repeating: .max)
      var filled = 0
      var words = 0
      var (w0, w1, w2, w3, w4): (UInt64, UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0, 0)
      WordHashes.forEach(of: text) { word in
        (w0, w1, w2, w3, w4) = (w1, w2, w3, w4, word)
        words += 1
        guard words >= Self.shingle else { return }
        shingles[filled] = Self.combine(w0, w1, w2, w3, w4)
        filled += 1
        if filled == Self.batch {
          Self.lower(minima, by: UnsafeBufferPointer(shingles))
          filled = 0
        }
      }
      guard words > 0 else { return [] }
      if words < Self.shingle {
        shingles[0] = Self.combine(w0, w1, w2, w3, w4)
        filled = 1
      }
      Self.lower(minima, by: UnsafeBufferPointer(rebasing: shingles[0..<filled]))
      return minima.map { UInt16(truncatingIfNeeded: Self.mix($0)) }
    }
  }

  /// The estimated similarity of two texts, 0 to 1; 0 where one has no word.
  public func similarity(to other: MinHashSignature) -> Double {
    guard !isEmpty, !other.isEmpty else { return 0 }
    var equal = 0
    for (left, right) in zip(values, other.values) { equal += left == right ? 1 : 0 }
    return Double(equal) / Double(Self.size)
  }

  init(values: [UInt16]) { self.values = values }

  private static let batch = 512

  /// Odd factors, then terms, of the hash functions `factor * x + term mod 2^64`.
  private static let functions: (factors: [UInt64], terms: [UInt64]) = {
    var random = SeededGenerator(seed: 0)
    let factors = (0..<size).map { _ in random.next() | 1 }
    return (factors, (0..<size).map { _ in random.next() })
  }()

  private static func combine(
    _ w0: UInt64, _ w1: UInt64, _ w2: UInt64, _ w3: UInt64, _ w4: UInt64
  ) -> UInt64 {
    let factor: UInt64 = 0x9E37_79B9_7F4A_7C15
    var sum = w0
    sum = sum &* factor &+ w1
    sum = sum &* factor &+ w2
    sum = sum &* factor &+ w3
    sum = sum &* factor &+ w4
    return mix(sum)
  }

  /// The finaliser of SplitMix64.
  static func mix(_ word: UInt64) -> UInt64 {
    var mixed = word
    mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
    return mixed ^ mixed >> 31
  }

  /// Lowers each function's minimum by the values it takes over `shingles`: four functions at a time,
  /// whose minima stay in registers.
  private static func lower(
    _ minima: UnsafeMutableBufferPointer<UInt64>, by shingles: UnsafeBufferPointer<UInt64>
  ) {
    functions.factors.withUnsafeBufferPointer { factors in
      functions.terms.withUnsafeBufferPointer { terms in
        for first in stride(from: 0, to: size, by: 4) {
          let (f0, f1) = (factors[first], factors[first + 1])
          let (f2, f3) = (factors[first + 2], factors[first + 3])
          let (t0, t1, t2, t3) = (
            terms[first], terms[first + 1], terms[first + 2], terms[first + 3]
          )
          var (m0, m1) = (minima[first], minima[first + 1])
          var (m2, m3) = (minima[first + 2], minima[first + 3])
          for shingle in shingles {
            m0 = min(m0, f0 &* shingle &+ t0)
            m1 = min(m1, f1 &* shingle &+ t1)
            m2 = min(m2, f2 &* shingle &+ t2)
            m3 = min(m3, f3 &* shingle &+ t3)
          }
          (minima[first], minima[first + 1]) = (m0, m1)
          (minima[first + 2], minima[first + 3]) = (m2, m3)
        }
      }
    }
  }
}
