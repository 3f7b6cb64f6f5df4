/// What can go wrong with terms. Each prints as one line.
public enum TermError: Error, Hashable, Sendable, CustomStringConvertible {
  /// There is no stemmer for this language.
  case noStemmer(language: String, available: [String])
  /// A text is longer than words can say where they are.
  case textTooLong(bytes: Int, limit: Int)
  /// ICU cannot read words.
  case noWordRules

  /// One line: what is wrong, and what to do.
  public var description: String {
    switch self {
    case .noStemmer(let language, let available):
      "there is no stemmer for \"\(language)\"; choose one of \(available.joined(separator: ", "))"
    case .textTooLong(let bytes, let limit):
      "a text has \(bytes) bytes, more than the \(limit) of which words are read; part it"
    case .noWordRules:
      "the ICU library has no rules of word breaks; install its data (libicu)"
    }
  }
}
