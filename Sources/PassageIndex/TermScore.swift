import CPostings

/// How a term's part of a passage's score is computed: weight / (1 + k1 (1 - b + b length / average)
/// / frequency), rounded down to a whole number.
package struct TermScore: Sendable {
  let kernel: engram_term_score

  /// - Parameter weight: below 2^31.
  package init(weight: Double, k1: Double, b: Double, averageLength: Double) {
    kernel = engram_term_score(
      weight: Float(weight), base: Float(k1 * (1 - b)), slope: Float(k1 * b / averageLength))
  }

  /// The part of a passage.
  package func part(frequency: Int, length: Int) -> UInt32 {
    var kernel = kernel
    return engram_score(&kernel, UInt32(frequency), UInt32(length))
  }
}
