import Foundation

/// The words of a text, as far as finding a phrase in a passage again takes: runs of letters,
/// digits and marks, and single characters of scripts that write no spaces.
struct PhraseWords {
  /// A word.
  struct Word {
    /// Where it stands, in bytes.
    var range: Range<Int>
    /// Without case and accents.
    var folded: String
  }

  private(set) var words: [Word] = []

  /// Takes a text apart.
  init(_ text: String) {
    var start: Int?
    var word = String.UnicodeScalarView()
    var offset = 0
    func fold(_ scalars: String.UnicodeScalarView) -> String {
      String(scalars).folding(options: [.caseInsensitive, .diacriticInsensitive], locale: nil)
    }
    var found: [Word] = []
    func end(at offset: Int) {
      if let first = start { found.append(Word(range: first..<offset, folded: fold(word))) }
      start = nil
      word = String.UnicodeScalarView()
    }
    for scalar in text.unicodeScalars {
      let width = UTF8.width(scalar)
      switch Self.role(of: scalar) {
      case .none: end(at: offset)
      case .joined:
        if start == nil { start = offset }
        word.append(scalar)
      case .alone:
        end(at: offset)
        start = offset
        word.append(scalar)
        end(at: offset + width)
      }
      offset += width
    }
    end(at: offset)
    words = found
  }

  /// Where the words of `phrase` first stand next to one another, in bytes.
  func first(of phrase: PhraseWords) -> Range<Int>? {
    let wanted = phrase.words.map(\.folded)
    guard !wanted.isEmpty, words.count >= wanted.count else { return nil }
    for start in 0...(words.count - wanted.count)
    where wanted.indices.allSatisfy({ words[start + $0].folded == wanted[$0] }) {
      return words[start].range.lowerBound..<words[start + wanted.count - 1].range.upperBound
    }
    return nil
  }

  /// What a character is to a word.
  enum Role {
    /// No part of one.
    case none
    /// A part of the word that stands around it.
    case joined
    /// A part of a script that puts no spaces between words.
    case alone
  }

  static func role(of scalar: Unicode.Scalar) -> Role {
    let properties = scalar.properties
    if properties.isIdeographic || isUnspaced(scalar.value) {
      return properties.isAlphabetic || properties.isIdeographic ? .alone : .none
    }
    switch properties.generalCategory {
    case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter,
      .nonspacingMark, .spacingMark, .enclosingMark, .decimalNumber, .letterNumber, .otherNumber:
      return .joined
    default: return .none
    }
  }

  /// Thai, Lao, Myanmar, Khmer, Hiragana, Katakana.
  private static func isUnspaced(_ value: UInt32) -> Bool {
    switch value {
    case 0x0E00...0x0EFF, 0x1000...0x109F, 0x1780...0x17FF, 0x3040...0x30FF: true
    default: false
    }
  }
}

extension PhraseWords {
  /// The most characters by which a word is completed.
  private static let reach = 64

  /// The words that a part of a text belongs to: the part, with words that it cuts completed.
  ///
  /// - Parameter part: in bytes; may begin or end within a character.
  /// - Returns: `nil` where there is no word in it.
  static func completed(_ part: Range<Int>, in text: [UInt8]) -> String? {
    var (lower, upper) = (part.lowerBound, part.upperBound)
    while lower > 0, lower < text.count, isContinuation(text[lower]) { lower -= 1 }
    while upper < text.count, isContinuation(text[upper]) { upper += 1 }
    guard lower < upper, upper <= text.count else { return nil }
    let inner = String(decoding: text[lower..<upper], as: UTF8.self).unicodeScalars
    if let first = inner.first, role(of: first) == .joined {
      let before = String(decoding: text[max(0, lower - 4 * reach)..<lower], as: UTF8.self)
      for scalar in before.unicodeScalars.reversed().prefix(reach) {
        guard role(of: scalar) == .joined else { break }
        lower -= UTF8.width(scalar)
      }
    }
    if let last = inner.last, role(of: last) == .joined {
      let after = String(
        decoding: text[upper..<min(text.count, upper + 4 * reach)], as: UTF8.self)
      for scalar in after.unicodeScalars.prefix(reach) {
        guard role(of: scalar) == .joined else { break }
        upper += UTF8.width(scalar)
      }
    }
    guard lower >= 0, upper <= text.count else { return nil }
    let phrase = String(decoding: text[lower..<upper], as: UTF8.self)
    guard phrase.unicodeScalars.contains(where: { role(of: $0) != .none }) else { return nil }
    return phrase.trimmingCharacters(in: .whitespacesAndNewlines)
  }

  private static func isContinuation(_ byte: UInt8) -> Bool { byte & 0xC0 == 0x80 }
}
