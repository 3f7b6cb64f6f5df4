/// A question as a person writes it: words, and phrases in double quotes that an answer must hold.
public struct Question: Hashable, Sendable {
  /// The whole text without the quotes: all its words are scored.
  public var text: String
  /// What stood in quotes, in order: an answer holds the words of each next to each other.
  public var phrases: [String]

  /// A question of some words and phrases.
  public init(text: String, phrases: [String] = []) {
    self.text = text
    self.phrases = phrases
  }
}
