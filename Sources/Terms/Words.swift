/// The words of a text, in order: where each stands, the word itself as it is compared, and how
/// strong the bound before it is.
public struct Words: Sendable {
  /// A word: 16 bytes.
  public struct Word: Hashable, Sendable {
    /// Where it begins in the text, in bytes.
    public var start: UInt32
    /// Bytes of the text; those past 65,535 are not counted.
    public var length: UInt16
    /// Bytes in `folded`, 1...64.
    public var foldedLength: UInt16
    /// Where its folded form begins in `folded`.
    public var foldedStart: UInt32
    /// What stands before it.
    public var bound: Bound
  }

  /// How well a passage may begin at a word; the larger, the better.
  public enum Bound: UInt8, Comparable, Sendable {
    /// Between two words of a line.
    case word
    /// At a line's beginning.
    case line
    /// After a sentence's end.
    case sentence
    /// After an empty line, or at the text's beginning.
    case paragraph

    /// Whether the left is weaker.
    public static func < (left: Bound, right: Bound) -> Bool { left.rawValue < right.rawValue }
  }

  /// All words.
  public internal(set) var words: [Word] = []
  /// Bytes of the folded words (NFKC, case folded; accents still there), UTF-8.
  public internal(set) var folded: [UInt8] = []

  /// No words.
  public init() {}

  /// The folded form of a word.
  public func folded(_ word: Word) -> ArraySlice<UInt8> {
    folded[Int(word.foldedStart)..<Int(word.foldedStart) + Int(word.foldedLength)]
  }
}
