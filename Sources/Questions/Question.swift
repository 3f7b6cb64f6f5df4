/// A question as a person writes it: words, and phrases in double quotes that an answer must hold.
///
///     let question = try Question(parsing: #"who wrote "the moon" in 1869"#)
///     question.text     // who wrote the moon in 1869
///     question.phrases  // ["the moon"]
public struct Question: Hashable, Sendable {
  /// The most bytes of a question.
  public static let byteLimit = 64 << 10

  /// The whole text without the quotes: all its words are scored.
  public var text: String
  /// What stood in quotes, in order: an answer holds the words of each next to each other.
  public var phrases: [String]

  /// A question of some words and phrases.
  public init(text: String, phrases: [String] = []) {
    self.text = text
    self.phrases = phrases
  }

  /// A question of a text as it is, in which quotes have no meaning.
  ///
  /// - Throws: `QuestionError.empty`, `QuestionError.tooLong`.
  public init(plain text: String) throws(QuestionError) {
    try Self.check(text)
    self.init(text: text)
  }

  /// Where it is not a question of a length that can be asked: throws.
  static func check(_ text: String) throws(QuestionError) {
    let bytes = text.utf8.count
    guard bytes <= byteLimit else { throw .tooLong(bytes: bytes, limit: byteLimit) }
    guard !isBlank(text) else { throw .empty }
  }

  /// Whether a text has nothing but white space.
  static func isBlank(_ text: String) -> Bool {
    text.unicodeScalars.allSatisfy(\.properties.isWhitespace)
  }
}
