extension Condition {
  /// The most bytes of a condition.
  public static let byteLimit = 8 << 10

  /// Reads `FIELD OP VALUE`, such as `path=Documentation/*`, `year>=2020` or `lang!=en`.
  ///
  /// The field is everything before the first of `=`, `!=`, `<`, `<=`, `>` and `>=`; dots reach
  /// into nested objects (`author.name=Ada`). White space around field and value does not count,
  /// and a value in straight double quotes is what stands between them. An equality may have an
  /// empty value, a range may not.
  ///
  /// - Throws: `QuestionError.malformedCondition`.
  public init(parsing source: String) throws(QuestionError) {
    let bytes = source.utf8.count
    func malformed(_ reason: String) -> QuestionError {
      .malformedCondition(text: QuestionError.excerpt(source), reason: reason)
    }
    guard bytes <= Self.byteLimit else {
      throw malformed("it has \(bytes) bytes, more than \(Self.byteLimit)")
    }
    let scalars = source.unicodeScalars
    var index = scalars.startIndex
    var found: Comparison?
    while index < scalars.endIndex, found == nil {
      found = Self.comparison(scalars[index...])
      if found == nil { index = scalars.index(after: index) }
    }
    guard let found else { throw malformed("it has no operator") }
    let field = Self.trimmed(scalars[..<index])
    guard !field.isEmpty else { throw malformed("no field stands before \(found.rawValue)") }
    guard !field.contains("!") else { throw malformed("! stands alone; unequal is !=") }
    guard !field.hasPrefix("."), !field.hasSuffix("."), !field.contains("..") else {
      throw malformed("a name is missing beside a dot of its field")
    }
    let rest = scalars.index(index, offsetBy: found.rawValue.unicodeScalars.count)
    let written = Self.trimmed(scalars[rest...])
    if let first = written.unicodeScalars.first, "=<>!".unicodeScalars.contains(first) {
      throw malformed("its operator is none of ours")
    }
    let value = Self.unquoted(written)
    if found != .equal, found != .notEqual, value.isEmpty {
      throw malformed("no value stands behind \(found.rawValue)")
    }
    self.init(field: field, comparison: found, value: value)
  }

  /// The operator that a text begins with.
  private static func comparison(_ text: Substring.UnicodeScalarView) -> Comparison? {
    let second = text.dropFirst().first
    switch text.first {
    case "=": return .equal
    case "!": return second == "=" ? .notEqual : nil
    case "<": return second == "=" ? .lessOrEqual : .less
    case ">": return second == "=" ? .greaterOrEqual : .greater
    default: return nil
    }
  }

  private static func trimmed(_ text: Substring.UnicodeScalarView) -> String {
    guard let first = text.firstIndex(where: { !$0.properties.isWhitespace }),
      let last = text.lastIndex(where: { !$0.properties.isWhitespace })
    else { return "" }
    return String(text[first...last])
  }

  private static func unquoted(_ text: String) -> String {
    let scalars = text.unicodeScalars
    guard scalars.count >= 2, scalars.first == "\"", scalars.last == "\"" else { return text }
    return String(scalars.dropFirst().dropLast())
  }
}
