import Digests
import MemoryTables
import NgramCounts
import Tokenization

extension GraftListHeader {
  /// What the ids of these counts mean; no N-grams yet.
  ///
  /// - Throws: `GraftError.otherTokenizer` where they are another tokenizer's.
  public init(of counts: NgramCounts, tokenizer: Tokenizer) throws(GraftError) {
    let subject = counts.manifest.subject
    let given = tokenizer.identity.description
    guard subject.tokenizer.sha256 == given else {
      throw .otherTokenizer(
        of: counts.manifest.title, expected: subject.tokenizer.sha256, found: given)
    }
    let map = subject.tokens.map.flatMap { SHA256Digest(hexadecimal: $0) }
    let tokens: ExactIndex.Tokens =
      if subject.tokens.kind == .mapped, let map {
        .mapped(
          vocabulary: subject.tokenizer.vocabulary, compressed: subject.tokens.vocabulary,
          tokenMap: map)
      } else {
        .raw(vocabulary: subject.tokens.vocabulary)
      }
    self.init(tokens: tokens, tokenizer: tokenizer.identity, ngrams: 0)
  }

  /// Whether ids went through a token map.
  public var isMapped: Bool {
    if case .mapped = tokens { true } else { false }
  }
}
