/// A passage of a text: a stretch of its words.
public struct PassageSpan: Hashable, Sendable {
  /// Which words, by their numbers.
  public var words: Range<Int>
  /// Where it stands in the text; whole scalars.
  public var bytes: Range<Int>

  /// A passage of some words and bytes.
  public init(words: Range<Int>, bytes: Range<Int>) {
    self.words = words
    self.bytes = bytes
  }
}
