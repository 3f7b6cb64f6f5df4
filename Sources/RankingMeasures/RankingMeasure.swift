import Foundation

/// A figure between 0 and 1 that says how good the answers to a question are.
///
/// Written and read as `ndcg@10`, `recall@100`, `mrr`, `mrr@10`, `map`. Definitions are those of
/// `trec_eval` (`ndcg_cut`, `recall`, `recip_rank`, `map`).
public enum RankingMeasure: Hashable, Sendable, CustomStringConvertible {
  /// Normalised discounted cumulative gain of the first `depth` answers: the gain of an answer is
  /// its relevance, divided by log2(rank + 1); the sum is divided by that of the best possible
  /// order of all judged documents. Source: K. Järvelin and J. Kekäläinen, "Cumulated gain-based
  /// evaluation of IR techniques", ACM TOIS 20(4), 2002, with the discount at every rank.
  case ndcg(depth: Int)
  /// The share of the relevant documents that are among the first `depth` answers.
  case recall(depth: Int)
  /// 1 / rank of the first relevant answer among the first `depth`, or among all; 0 without one.
  case reciprocalRank(depth: Int?)
  /// The mean, over all relevant documents, of the precision at the rank of each; one that is
  /// not found counts 0.
  case averagePrecision

  /// What the commands report where nothing else is asked for.
  public static let standard: [RankingMeasure] = [
    .ndcg(depth: 10), .recall(depth: 10), .recall(depth: 100), .reciprocalRank(depth: nil),
    .averagePrecision,
  ]

  /// The measure of a name; nil where there is none. A depth is 1 to 1,000,000.
  public init?(_ name: String) {
    let parts = name.split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false)
    let depth = parts.count == 2 ? Int(parts[1]) : nil
    if parts.count == 2 {
      guard let depth, (1...1_000_000).contains(depth) else { return nil }
    }
    switch (parts[0].lowercased(), depth) {
    case ("ndcg", let depth?): self = .ndcg(depth: depth)
    case ("recall", let depth?): self = .recall(depth: depth)
    case ("mrr", let depth): self = .reciprocalRank(depth: depth)
    case ("map", nil): self = .averagePrecision
    default: return nil
    }
  }

  /// The name that `init` reads.
  public var description: String {
    switch self {
    case .ndcg(let depth): "ndcg@\(depth)"
    case .recall(let depth): "recall@\(depth)"
    case .reciprocalRank(let depth): depth.map { "mrr@\($0)" } ?? "mrr"
    case .averagePrecision: "map"
    }
  }

  /// The figure of one question.
  ///
  /// - Parameter gains: the relevance of each answer, best answer first, 0 for what is not
  ///   relevant.
  /// - Parameter best: the relevances of all relevant documents, largest first; not empty.
  func value(gains: [Int], best: [Int]) -> Double {
    switch self {
    case .ndcg(let depth):
      return Self.discounted(gains, depth) / Self.discounted(best, depth)
    case .recall(let depth):
      return Double(gains.prefix(max(0, depth)).count { $0 > 0 }) / Double(best.count)
    case .reciprocalRank(let depth):
      let seen = gains.prefix(max(0, depth ?? gains.count))
      return seen.firstIndex { $0 > 0 }.map { 1 / Double($0 + 1) } ?? 0
    case .averagePrecision:
      var (found, sum) = (0, 0.0)
      for (index, gain) in gains.enumerated() where gain > 0 {
        found += 1
        sum += Double(found) / Double(index + 1)
      }
      return sum / Double(best.count)
    }
  }

  private static func discounted(_ gains: [Int], _ depth: Int) -> Double {
    gains.prefix(max(1, depth)).enumerated().reduce(0) { sum, entry in
      sum + Double(entry.element) / log2(Double(entry.offset) + 2)
    }
  }
}
