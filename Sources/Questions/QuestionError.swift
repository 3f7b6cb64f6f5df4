/// What can be wrong with a question or a condition. Each prints as one line.
public enum QuestionError: Error, Hashable, Sendable, CustomStringConvertible {
  /// There is nothing in it but white space and quotes.
  case empty
  /// It has too many bytes.
  case tooLong(bytes: Int, limit: Int)
  /// A quote that begins a phrase has no other that ends it; the first character is 1.
  case unclosedQuote(character: Int)
  /// A condition without an operator, a field or, where it needs one, a value.
  case malformedCondition(text: String, reason: String)

  /// One line: what is wrong, where, and what to do.
  public var description: String {
    switch self {
    case .empty:
      "the question is empty; write the words that you look for"
    case .tooLong(let bytes, let limit):
      "the question has \(bytes) bytes, more than \(limit); ask with fewer words"
    case .unclosedQuote(let character):
      "the quote at character \(character) does not close; "
        + "end the phrase with one more, or write \\\" for a plain quote"
    case .malformedCondition(let text, let reason):
      "\"\(text)\" is no condition: \(reason); write FIELD OP VALUE with OP one of "
        + "\(Condition.Comparison.allCases.map(\.rawValue).joined(separator: " ")), "
        + "as in path=docs/*"
    }
  }

  /// The beginning of a text that somebody untrusted wrote, on one line.
  static func excerpt(_ text: String) -> String {
    var excerpt = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      guard excerpt.count < 60 else { return String(excerpt) + "..." }
      let isControl = scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value)
      excerpt.append(isControl || scalar == "\u{2028}" || scalar == "\u{2029}" ? " " : scalar)
    }
    return String(excerpt)
  }
}
