import Tokenization

extension TokenMap {
  /// What decides which tokens share a compressed id.
  ///
  /// A token that is whole characters: its text after NFKC, NFD, without marks (category M),
  /// in lower case, runs of space, tab, CR and LF as one space, without white space at both ends;
  /// a text that is one space then stays one; a text of which nothing is left is taken as it is.
  /// Any other token: its raw vocabulary string.
  static func key(of token: Int32, _ tokenizer: Tokenizer) -> [UInt8] {
    let text = Array(tokenizer.decode(token).utf8)
    if contains(text, replacementCharacter) {
      return Array((tokenizer.token(for: token) ?? "").utf8)
    }
    var key = UnicodeText.normalized(UnicodeText.normalized(text, .nfkc), .nfd)
    key = UnicodeText.lowercasedByScalar(UnicodeText.withoutMarks(key))
    key = collapsingSpaces(key)
    if key == [space] { return key }
    let stripped = UnicodeText.strippingWhitespace(key)
    return stripped.isEmpty ? text : Array(stripped)
  }

  private static let space = UInt8(ascii: " ")
  private static let replacementCharacter = Array("\u{FFFD}".utf8)

  private static func contains(_ text: [UInt8], _ part: [UInt8]) -> Bool {
    guard text.count >= part.count else { return false }
    return (0...text.count - part.count).contains { text[$0...].starts(with: part) }
  }

  private static func collapsingSpaces(_ text: [UInt8]) -> [UInt8] {
    var result: [UInt8] = []
    result.reserveCapacity(text.count)
    var isInside = false
    for byte in text {
      let isSpace = byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D
      if !isSpace {
        result.append(byte)
      } else if !isInside {
        result.append(space)
      }
      isInside = isSpace
    }
    return result
  }
}
