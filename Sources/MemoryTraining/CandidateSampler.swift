import Foundation
import SeededRandom

/// Draws the tokens that a batch's targets are told from, and knows how likely each token is to be
/// among a batch's candidates.
///
/// Tokens are drawn by their count in the training part, to the power of 3/4 (Mikolov et al. 2013),
/// by the alias method: constant time a draw (Walker 1977; Vose 1991). Candidates of a batch are its
/// distinct targets and the tokens drawn; subtracting the logarithm of the probability of being among
/// them from a logit makes the softmax over candidates an estimate of that over all tokens (sampled
/// softmax; Jean et al. 2015).
struct CandidateSampler: Sendable {
  private let threshold: [UInt32]
  private let alias: [Int32]
  private let tokens: [Int32]
  /// log(1 - p) of one target, and of one draw, being the token.
  private let targetMiss: [Float]
  private let drawMiss: [Float]

  /// - Parameter counts: how often each token of the vocabulary is a target.
  init(counts: [Int]) {
    let total = Double(counts.reduce(0, +))
    tokens = counts.indices.filter { counts[$0] > 0 }.map(Int32.init)
    let weights = tokens.map { pow(Double(counts[Int($0)]), 0.75) }
    let sum = weights.reduce(0, +)
    var drawMiss = [Float](repeating: 0, count: counts.count)
    for (index, token) in tokens.enumerated() {
      drawMiss[Int(token)] = Float(log1p(-min(0.999_999, weights[index] / sum)))
    }
    self.drawMiss = drawMiss
    targetMiss = counts.map { Float(log1p(-min(0.999_999, Double($0) / max(1, total)))) }
    (threshold, alias) = Self.aliasTable(weights.map { $0 / sum })
  }

  private static func aliasTable(_ shares: [Double]) -> ([UInt32], [Int32]) {
    let count = shares.count
    var scaled = shares.map { $0 * Double(count) }
    var threshold = [UInt32](repeating: .max, count: count)
    var alias = (0..<count).map(Int32.init)
    var small = scaled.indices.filter { scaled[$0] < 1 }
    var large = scaled.indices.filter { scaled[$0] >= 1 }
    while let less = small.popLast(), let more = large.last {
      threshold[less] = UInt32(min(4_294_967_295, scaled[less] * 4_294_967_296))
      alias[less] = Int32(more)
      scaled[more] -= 1 - scaled[less]
      if scaled[more] < 1 {
        large.removeLast()
        small.append(more)
      }
    }
    return (threshold, alias)
  }

  /// The next token drawn.
  func draw(_ generator: inout SeededGenerator) -> Int32 {
    let bits = generator.next()
    let slot = Int(((bits >> 32) * UInt64(tokens.count)) >> 32)
    let keeps = UInt32(truncatingIfNeeded: bits) < threshold[slot]
    return tokens[keeps ? slot : Int(alias[slot])]
  }

  /// The logarithm of the probability that `token` is a candidate of a batch with so many targets
  /// and draws.
  func logInclusion(of token: Int32, targets: Int, draws: Int) -> Float {
    let miss =
      targetMiss[Int(token)] * Float(targets) + drawMiss[Int(token)] * Float(draws)
    return log(max(1e-12, -expm1(miss)))
  }
}
