/// Why a model cannot be made of documents. Each prints as one line.
public enum KneserNeyError: Error, Hashable, Sendable, CustomStringConvertible {
  /// Three ids of this vocabulary do not fit into one key, or it has none.
  case unsuitableVocabulary(Int, limit: Int)
  /// A document has an id that the vocabulary does not have.
  case tokenOutOfRange(token: Int32, vocabulary: Int)

  /// One line: what is wrong, where, and what to do.
  public var description: String {
    switch self {
    case .unsuitableVocabulary(let vocabulary, let limit):
      "a vocabulary of \(vocabulary) ids cannot be counted; choose one of 1 to \(limit)"
    case .tokenOutOfRange(let token, let vocabulary):
      "token \(token) is outside of the vocabulary, 0 to \(vocabulary - 1); give the vocabulary of "
        + "the tokenizer that made it"
    }
  }
}
