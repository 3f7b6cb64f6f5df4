extension Question {
  /// Reads words and "phrases".
  ///
  /// A phrase begins at a straight or a curly double quote and ends at the next of its kind:
  /// `"a b"`, `“a b”`, `„a b“`. `\"` is a quote that begins and ends nothing.
  ///
  /// - Throws: `QuestionError.empty`, `.tooLong`, `.unclosedQuote`.
  /// - Complexity: one pass.
  public init(parsing source: String) throws(QuestionError) {
    try Self.check(source)
    var text = String.UnicodeScalarView()
    var phrase = String.UnicodeScalarView()
    var phrases: [String] = []
    var opened: (quote: Unicode.Scalar, character: Int)?
    var isEscaped = false
    for (index, scalar) in source.unicodeScalars.enumerated() {
      guard Self.isQuote(scalar), !isEscaped else {
        // A backslash stays, where no quote follows.
        if isEscaped, !Self.isQuote(scalar) {
          text.append("\\")
          if opened != nil { phrase.append("\\") }
        }
        isEscaped = !isEscaped && scalar == "\\"
        if !isEscaped {
          text.append(scalar)
          if opened != nil { phrase.append(scalar) }
        }
        continue
      }
      if let opening = opened {
        guard Self.closes(scalar, opening.quote) else {
          text.append(scalar)
          phrase.append(scalar)
          continue
        }
        if !Self.isBlank(String(phrase)) { phrases.append(String(phrase)) }
        opened = nil
        phrase = .init()
      } else {
        opened = (scalar, index + 1)
      }
      // Quotes part words, as in `a"b c"`.
      text.append(" ")
    }
    if isEscaped { text.append("\\") }
    if let opened { throw .unclosedQuote(character: opened.character) }
    let trimmed = Self.trimmed(String(text))
    guard !trimmed.isEmpty else { throw .empty }
    self.init(text: trimmed, phrases: phrases)
  }

  private static func isQuote(_ scalar: Unicode.Scalar) -> Bool {
    scalar == "\"" || isCurly(scalar)
  }

  private static func isCurly(_ scalar: Unicode.Scalar) -> Bool {
    scalar == "\u{201C}" || scalar == "\u{201D}" || scalar == "\u{201E}"
  }

  private static func closes(_ scalar: Unicode.Scalar, _ opening: Unicode.Scalar) -> Bool {
    opening == "\"" ? scalar == "\"" : isCurly(scalar) && scalar != "\u{201E}"
  }

  private static func trimmed(_ text: String) -> String {
    let scalars = text.unicodeScalars
    guard let first = scalars.firstIndex(where: { !$0.properties.isWhitespace }),
      let last = scalars.lastIndex(where: { !$0.properties.isWhitespace })
    else { return "" }
    return String(scalars[first...last])
  }
}
