/// Collects the trigrams of documents that come one after another.
public struct TrigramCounter: Sendable {
  /// Ids are below this.
  public let vocabulary: Int
  private var trigrams: [UInt64] = []
  /// Bigrams that documents start with.
  private var starts: Set<UInt64> = []

  /// - Throws: `KneserNeyError.unsuitableVocabulary` for more than 2^21 ids, or none.
  public init(vocabulary: Int) throws(KneserNeyError) {
    try NgramKey.check(vocabulary: vocabulary)
    self.vocabulary = vocabulary
  }

  /// Counts a document.
  ///
  /// - Throws: `KneserNeyError.tokenOutOfRange`; nothing of the document was counted then.
  public mutating func add(_ document: UnsafeBufferPointer<Int32>) throws(KneserNeyError) {
    try NgramKey.check(document, vocabulary: vocabulary)
    guard document.count > 1 else { return }
    let first = NgramKey.appending(document[0], to: 0)
    var key = NgramKey.appending(document[1], to: first)
    starts.insert(key)
    let kept: UInt64 = 1 << UInt64(2 * NgramKey.bits) - 1
    for token in document.dropFirst(2) {
      key = NgramKey.appending(token, to: key & kept)
      trigrams.append(key)
    }
  }

  /// The distinct trigrams with their counts, and the distinct bigrams of document starts; what was
  /// collected is given up.
  mutating func takeCounts() -> (trigrams: CountedKeys, starts: [UInt64]) {
    radixSort(&trigrams)
    let counted = CountedKeys(sorted: trigrams)
    trigrams = []
    defer { starts = [] }
    return (counted, Array(starts))
  }
}
