/// What can go wrong with an explanation. Each prints as one line.
public enum ExplanationError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The text has no tokens.
  case noTokens
  /// The text has more tokens than a person can look at.
  case tooLong(tokens: Int, limit: Int)
  /// The text is not UTF-8 from this byte on.
  case notUTF8(offset: Int)
  /// The tokens come from another tokenizer than the memory's.
  case otherTokenizer(table: String, expected: String, found: String)
  /// The counts are of other numbers than those that the table's rows are found by.
  case otherTokenRule(counts: String, expected: String, found: String, table: String)
  /// The fusion weights take another number of inputs than the table gives.
  case otherWeights(table: String, expected: Int, found: Int)
  /// The hidden states are not one a token and branch.
  case hiddenStates(expected: Int, found: Int)

  /// One line: what is wrong, and what to do.
  public var description: String {
    switch self {
    case .noTokens: "the text has no tokens; give some text to explain"
    case .tooLong(let tokens, let limit):
      "the text has \(tokens) tokens, and at most \(limit) are explained at once; give a part of it"
    case .notUTF8(let offset):
      "the text is not UTF-8: the byte at \(offset) cannot stand there; convert it first"
    case .otherTokenizer(let table, let expected, let found):
      "\(table) is of the tokenizer \(expected.prefix(12))..., the one given is "
        + "\(found.prefix(12))...; give the tokenizer that the table was made with"
    case .otherTokenRule(let counts, let expected, let found, let table):
      "\(counts) counts \(found), the rows of \(table) are found by \(expected); "
        + "count with the table's tokenizer, with --raw-tokens only where its ids are raw"
    case .otherWeights(let table, let expected, let found):
      "the fusion weights take \(found) numbers a token, \(table) gives \(expected); "
        + "name the model that the table was imported from"
    case .hiddenStates(let expected, let found):
      "there are \(found) numbers of hidden states, and not \(expected); "
        + "give one state for each token and branch"
    }
  }
}
