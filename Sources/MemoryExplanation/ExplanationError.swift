/// What can go wrong with an explanation. Each prints as one line.
public enum ExplanationError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The text has no tokens.
  case noTokens

  /// One line: what is wrong, and what to do.
  public var description: String {
    switch self {
    case .noTokens: "the text has no tokens; give some text to explain"
    }
  }
}
