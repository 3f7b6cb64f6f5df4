/// One step of cutting text into pre-tokens for a `SubwordTokenizer`.
enum SubwordPreTokenizer: Sendable {
  /// Cuts at white space and drops it.
  case whitespace
  /// Cuts into runs of word characters and runs of others, and drops white space.
  case words
  /// Cuts at the matches of a pattern.
  case split(PatternMatcher, SplitBehavior, inverted: Bool)
  /// Makes each punctuation mark a piece.
  case punctuation
  /// Writes spaces as the replacement, and cuts before each.
  case metaspace(replacement: [UInt8], Prepending, splits: Bool)

  /// Where a replacement is put in front of a piece that does not begin with one.
  enum Prepending: String, Sendable {
    case always
    /// Only in front of the whole text.
    case first
    case never
  }

  /// Whether what becomes of a piece depends on where it stands.
  var looksAtPlace: Bool {
    if case .metaspace(_, .first, _) = self { true } else { false }
  }

  /// BERT's idea of punctuation: all of ASCII's that is no letter, digit, space or control, and
  /// Unicode's categories P.
  static func isPunctuation(_ value: UInt32) -> Bool {
    switch value {
    case 0x21...0x2F, 0x3A...0x40, 0x5B...0x60, 0x7B...0x7E: return true
    case 0..<0x80: return false
    default: break
    }
    return switch Unicode.Scalar(value)?.properties.generalCategory {
    case .connectorPunctuation, .dashPunctuation, .openPunctuation, .closePunctuation,
      .initialPunctuation, .finalPunctuation, .otherPunctuation:
      true
    default: false
    }
  }
}
