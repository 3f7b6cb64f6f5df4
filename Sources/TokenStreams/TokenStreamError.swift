/// What can go wrong when a dataset is read as tokens. Each prints as one line.
public enum TokenStreamError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The dataset holds neither documents nor tokens.
  case unsuitableKind(dataset: String, kind: String)
  /// The dataset holds tokens and does not say of which tokenizer.
  case noTokenizerIdentity(dataset: String)
  /// The dataset's tokens are another tokenizer's.
  case otherTokenizer(dataset: String, expected: String, found: String)
  /// A token id that the tokenizer does not have.
  case tokenOutOfRange(dataset: String, sample: Int, token: UInt32, vocabulary: Int)

  /// One line: what is wrong, where, and what to do.
  public var description: String {
    switch self {
    case .unsuitableKind(let dataset, let kind):
      "\(dataset) holds \(kind), which is no text; choose a dataset of documents or of tokens"
    case .noTokenizerIdentity(let dataset):
      "\(dataset) does not say which tokenizer its ids are of; make them with engram dataset "
        + "tokenize, which writes that down"
    case .otherTokenizer(let dataset, let expected, let found):
      "the ids of \(dataset) are of the tokenizer \(expected.prefix(12))..., the one given is "
        + "\(found.prefix(12))...; give the tokenizer that it was made with"
    case .tokenOutOfRange(let dataset, let sample, let token, let vocabulary):
      "sample \(sample) of \(dataset) has token \(token), the tokenizer has ids 0 to "
        + "\(vocabulary - 1); give the tokenizer that it was made with"
    }
  }
}
