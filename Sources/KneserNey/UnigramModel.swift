import Foundation

/// How often each token comes, whatever stands before it: discounted counts, and what was taken off
/// in equal parts for every id of the vocabulary.
public struct UnigramModel: NextTokenModel {
  private let probabilities: [Double]

  /// Counts the tokens that a model is asked for: all of a document but the first.
  ///
  /// - Parameter vocabulary: ids are below this.
  /// - Throws: `KneserNeyError`.
  public init(
    documents: some Sequence<UnsafeBufferPointer<Int32>>, vocabulary: Int
  ) throws(KneserNeyError) {
    try NgramKey.check(vocabulary: vocabulary)
    var counts = [UInt32](repeating: 0, count: vocabulary)
    for document in documents {
      try NgramKey.check(document, vocabulary: vocabulary)
      for token in document.dropFirst() where counts[Int(token)] < .max { counts[Int(token)] += 1 }
    }
    self.init(counts: counts)
  }

  /// - Parameter counts: a count an id; not empty.
  init(counts: [UInt32]) {
    let discounts = Discounts(counts: counts)
    let total = counts.reduce(0.0) { $0 + Double($1) }
    let takenOff = counts.reduce(0.0) { $0 + discounts[$1] }
    let share = (total > 0 ? takenOff / total : 1) / Double(counts.count)
    probabilities = counts.map { count in
      count == 0 ? share : (Double(count) - discounts[count]) / total + share
    }
  }

  /// Ids of the vocabulary.
  public var vocabulary: Int { probabilities.count }

  /// The probability of a token; 0 for an id that the vocabulary does not have.
  public func probability(of token: Int32) -> Double {
    let index = Int(token)
    return probabilities.indices.contains(index) ? probabilities[index] : 0
  }

  /// The logarithm of `probability(of:)`; what stands before makes no difference.
  public func logProbability(
    of token: Int32, after previous: Int32, _ beforePrevious: Int32?
  ) -> Double { log(probability(of: token)) }
}
