import Foundation

/// A trigram model with interpolated, modified Kneser-Ney smoothing: what counting alone makes of a
/// corpus, for others to be measured by.
///
///     let model = try KneserNeyTrigram(documents: training, vocabulary: 129_280)
///     print(model.loss(over: heldOut).natsPerToken)
///
/// Trigrams keep their counts; a bigram's count is the number of distinct tokens before it (the
/// start of a document is one of them), a unigram's the number of distinct tokens before that; the
/// lowest level ends in equal parts for every id, so that no token is impossible. Each level has
/// three discounts of its own. No N-gram crosses the end of a document.
///
/// Source: S. F. Chen and J. Goodman, "An empirical study of smoothing techniques for language
/// modeling", TR-10-98, Harvard 1998, section 4.1.6.
public struct KneserNeyTrigram: NextTokenModel {
  private let trigrams: NgramLevel
  private let bigrams: NgramLevel
  private let unigrams: UnigramModel

  /// Counts documents of token ids.
  ///
  /// - Parameter vocabulary: ids are 0..<vocabulary.
  /// - Throws: `KneserNeyError`.
  /// - Complexity: O(tokens) time; 16 bytes a token at most, then 20 a distinct trigram and 32 a
  ///   distinct context.
  public init(
    documents: some Sequence<UnsafeBufferPointer<Int32>>, vocabulary: Int
  ) throws(KneserNeyError) {
    var counter = try TrigramCounter(vocabulary: vocabulary)
    for document in documents { try counter.add(document) }
    self.init(counter)
  }

  /// The model of what was counted.
  public init(_ counter: consuming TrigramCounter) {
    let vocabulary = counter.vocabulary
    let (ngrams, starts) = counter.takeCounts()
    trigrams = NgramLevel(ngrams)

    // A distinct trigram is one token before its bigram.
    var pairs = starts
    pairs.reserveCapacity(pairs.count + ngrams.keys.count)
    let pair: UInt64 = 1 << UInt64(2 * NgramKey.bits) - 1
    for key in ngrams.keys { pairs.append(key & pair) }
    radixSort(&pairs)
    let continued = CountedKeys(sorted: pairs)
    bigrams = NgramLevel(continued)

    var counts = [UInt32](repeating: 0, count: vocabulary)
    for key in continued.keys { counts[Int(key & NgramKey.mask)] += 1 }
    unigrams = UnigramModel(counts: counts)
  }

  /// Ids of the vocabulary.
  public var vocabulary: Int { unigrams.vocabulary }

  /// The probability of a token after one or two; over all ids of the vocabulary they sum to 1.
  public func probability(
    of token: Int32, after previous: Int32, _ beforePrevious: Int32?
  ) -> Double {
    guard (0..<vocabulary).contains(Int(token)) else { return 0 }
    var probability = unigrams.probability(of: token)
    guard (0..<vocabulary).contains(Int(previous)) else { return probability }
    let context = NgramKey.appending(previous, to: 0)
    let second = bigrams.answer(for: token, after: context)
    probability = second.own + second.backoff * probability
    guard let beforePrevious, (0..<vocabulary).contains(Int(beforePrevious)) else {
      return probability
    }
    let first = NgramKey.appending(beforePrevious, to: 0)
    let third = trigrams.answer(for: token, after: NgramKey.appending(previous, to: first))
    return third.own + third.backoff * probability
  }

  /// The logarithm of `probability(of:after:_:)`.
  public func logProbability(
    of token: Int32, after previous: Int32, _ beforePrevious: Int32?
  ) -> Double { log(probability(of: token, after: previous, beforePrevious)) }
}
