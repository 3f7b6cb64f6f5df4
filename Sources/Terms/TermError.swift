/// What can go wrong with terms. Each prints as one line.
public enum TermError: Error, Hashable, Sendable, CustomStringConvertible {
  /// There is no stemmer for this language.
  case noStemmer(language: String, available: [String])

  /// One line: what is wrong, and what to do.
  public var description: String {
    switch self {
    case .noStemmer(let language, let available):
      "there is no stemmer for \"\(language)\"; choose one of \(available.joined(separator: ", "))"
    }
  }
}
