import Retrieval

extension ExplanationDraft {
  /// The passages in which each N-gram stands: its words, those that it cuts completed.
  mutating func addPassages(
    _ finder: any PassageFinding, limit: Int, _ progress: Explainer.Progress
  ) throws {
    let text = text
    func phrase(_ ngram: Explanation.Ngram) -> String? {
      // What the beginning of a text is a part of stands at no other place.
      guard ngram.padding == 0 else { return nil }
      let last = ngram.first + ngram.order
      return PhraseWords.completed(text.range(ngram.first..<last), in: text.bytes)
    }
    let phrases = Set(tokens.flatMap(\.ngrams).compactMap(phrase)).sorted()
    var known: [String: Explanation.Passages] = [:]
    for (index, phrase) in phrases.enumerated() {
      try progress("looking for passages", index, phrases.count)
      let words = PhraseWords(phrase)
      let (found, count) = try finder.passages(containing: phrase, limit: limit)
      known[phrase] = .init(
        phrase: phrase, count: count, found: found.map { PassageExtract($0, around: words) })
    }
    for order in memory.orders {
      forEachNgram(order: order) { ngram in
        ngram.passages = phrase(ngram).flatMap { known[$0] }
      }
    }
  }
}
