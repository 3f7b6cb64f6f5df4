import Digests

extension Table {
  /// The N-grams of an exact table, in row order, as the draft of another table takes them; `nil`
  /// for other tables.
  ///
  /// - Throws: `TableError`, `StorageError` where the keys are not what was published.
  /// - Complexity: reads all keys; memory for all tokens.
  public func exactIndex() throws -> ExactIndex? {
    guard let exact = manifest.exact else { return nil }
    let path = folder + "/keys"
    var digest = KeyDigest()
    var ngrams = NgramList()
    try ExactKeys.open(path, exact: exact).walk(from: [], isScan: true) { key, _ in
      digest.update(key)
      ngrams.append(
        (0..<key.count / 4).map { Int32(truncatingIfNeeded: ExactKey.token(key, $0)) })
      return true
    }
    guard digest.finalize().description == exact.keys else {
      throw TableError.corruptFile(path: path, reason: "the keys are not those that were published")
    }
    let tokens: ExactIndex.Tokens =
      switch (exact.tokens, exact.tokenMap.flatMap { SHA256Digest(hexadecimal: $0) }) {
      case (.mapped, let map?):
        .mapped(vocabulary: exact.vocabulary, compressed: exact.keyVocabulary, tokenMap: map)
      default: .raw(vocabulary: exact.vocabulary)
      }
    return ExactIndex(
      ngrams: ngrams, tokens: tokens,
      tokenizer: exact.tokenizer.flatMap { SHA256Digest(hexadecimal: $0) })
  }
}
