/// What can be wrong with a file of judgments or of rankings.
///
/// Every case names the file and the line, counted from 1; `description` is one line that says
/// what, where and what to do. Nothing of the file stands in it but ids, and those are cut.
public enum RankingFileError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The line is not UTF-8.
  case notUTF8(file: String, line: Int)
  /// The line has another number of fields than its format.
  case fieldCount(file: String, line: Int, found: Int, format: String)
  /// A field is not the number that it has to be.
  case notANumber(file: String, line: Int, field: String, expected: String)
  /// A document is judged twice for one question, and differently.
  case judgedTwice(file: String, line: Int, question: String, document: String)
  /// A document is ranked twice for one question.
  case rankedTwice(file: String, line: Int, question: String, document: String)

  /// One line: what is wrong, where, and what to do.
  public var description: String {
    switch self {
    case .notUTF8(let file, let line):
      "\(file), line \(line): this is not UTF-8; convert the file"
    case .fieldCount(let file, let line, let found, let format):
      "\(file), line \(line): \(found) fields; a line is \(format)"
    case .notANumber(let file, let line, let field, let expected):
      "\(file), line \(line): the \(field) is not \(expected)"
    case .judgedTwice(let file, let line, let question, let document):
      "\(file), line \(line): document \(Self.shown(document)) is judged differently before, "
        + "for question \(Self.shown(question)); keep one line of the two"
    case .rankedTwice(let file, let line, let question, let document):
      "\(file), line \(line): document \(Self.shown(document)) is ranked before, "
        + "for question \(Self.shown(question)); keep one line of the two"
    }
  }

  /// An id, made harmless for a terminal and short.
  private static func shown(_ name: String) -> String {
    let cut = name.unicodeScalars.prefix(80).map { scalar in
      scalar.properties.generalCategory.isHarmless ? String(scalar) : "\u{FFFD}"
    }
    return cut.joined() + (name.unicodeScalars.count > 80 ? "..." : "")
  }
}

extension Unicode.GeneralCategory {
  /// Whether a terminal shows it and does nothing else.
  fileprivate var isHarmless: Bool {
    switch self {
    case .control, .format, .surrogate, .lineSeparator, .paragraphSeparator: false
    default: true
    }
  }
}
