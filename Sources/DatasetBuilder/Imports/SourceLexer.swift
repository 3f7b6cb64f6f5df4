/// Words, strings and symbols of source code, comments left out: as much as reading imports needs.
///
/// A string ends at its quote or at the end of the line, so that what this lexer takes for a string
/// by mistake (an apostrophe in a pattern) costs no more than its line.
struct SourceLexer {
  /// What a language's comments and strings look like.
  struct Style {
    var slashComments = true
    var hashComments = false
    var quotes: [UInt8] = Array(#""'`"#.utf8)
    var tripleQuotes = false
    /// Is `'x'` a character, and any other `'` a symbol?
    var hasCharacters = false
  }

  enum Kind {
    case word, string, symbol, lineEnd
  }

  /// A token and its bytes; of a string, those between the quotes.
  struct Token {
    let kind: Kind
    let range: Range<Int>
  }

  private let text: UnsafeRawBufferPointer
  private let style: Style
  private var index = 0

  init(_ text: UnsafeRawBufferPointer, style: Style = Style()) {
    self.text = text
    self.style = style
  }

  /// The next token; `nil` at the end.
  mutating func next() -> Token? {
    while index < text.count {
      let byte = text[index]
      if Self.isWord(byte) { return .init(kind: .word, range: word()) }
      if byte == 0x0A || byte == 0x0D {
        index += 1
        return .init(kind: .lineEnd, range: index - 1..<index)
      }
      if byte <= 0x20 {
        index += 1
      } else if byte == UInt8(ascii: "\\"), let end = joinedLine() {
        index = end
      } else if isComment(byte) {
        skipComment(byte)
      } else if style.hasCharacters, byte == UInt8(ascii: "'"), self.byte(at: index + 2) == byte {
        index += 3
      } else if style.quotes.contains(byte) {
        if let range = string(byte) { return .init(kind: .string, range: range) }
      } else {
        index += 1
        return .init(kind: .symbol, range: index - 1..<index)
      }
    }
    return nil
  }

  /// The bytes up to, not including, `byte`, in this line; `nil` where it is not there.
  mutating func take(upTo byte: UInt8) -> Range<Int>? {
    let start = index
    while index < text.count, text[index] != 0x0A {
      index += 1
      if text[index - 1] == byte { return start..<index - 1 }
    }
    return nil
  }

  func string(of token: Token) -> String { string(of: token.range) }

  func string(of range: Range<Int>) -> String {
    String(decoding: text[range], as: UTF8.self)
  }

  func isSymbol(_ token: Token?, _ symbol: Unicode.Scalar) -> Bool {
    guard let token, token.kind == .symbol else { return false }
    return UInt32(text[token.range.lowerBound]) == symbol.value
  }

  func isWord(_ token: Token?, _ word: StaticString) -> Bool {
    guard let token, token.kind == .word, token.range.count == word.utf8CodeUnitCount else {
      return false
    }
    return zip(
      text[token.range], UnsafeBufferPointer(start: word.utf8Start, count: token.range.count)
    )
    .allSatisfy { $0 == $1 }
  }

  private static func isWord(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "$"): true
    default: byte >= 0x80
    }
  }

  private mutating func word() -> Range<Int> {
    let start = index
    while index < text.count, Self.isWord(text[index]) { index += 1 }
    return start..<index
  }

  private func byte(at index: Int) -> UInt8? { index < text.count ? text[index] : nil }

  /// Where the next line starts, if the backslash here joins it to this one.
  private func joinedLine() -> Int? {
    switch (byte(at: index + 1), byte(at: index + 2)) {
    case (0x0A, _): index + 2
    case (0x0D, 0x0A): index + 3
    default: nil
    }
  }

  private func isComment(_ byte: UInt8) -> Bool {
    if byte == UInt8(ascii: "#") { return style.hashComments }
    guard byte == UInt8(ascii: "/"), style.slashComments else { return false }
    let next = self.byte(at: index + 1)
    return next == UInt8(ascii: "/") || next == UInt8(ascii: "*")
  }

  private mutating func skipComment(_ byte: UInt8) {
    if byte == UInt8(ascii: "/"), text[index + 1] == UInt8(ascii: "*") {
      // The star that opens it closes nothing.
      index += 3
      while index < text.count {
        if text[index] == UInt8(ascii: "/"), text[index - 1] == UInt8(ascii: "*") { break }
        index += 1
      }
      index = min(index + 1, text.count)
    } else {
      while index < text.count, text[index] != 0x0A { index += 1 }
    }
  }

  /// The bytes of the string that starts here; `nil` for a triple-quoted one, which is skipped.
  private mutating func string(_ quote: UInt8) -> Range<Int>? {
    if style.tripleQuotes, byte(at: index + 1) == quote, byte(at: index + 2) == quote {
      index += 3
      while index < text.count {
        let ends = text[index] == quote && byte(at: index + 1) == quote
        if ends, byte(at: index + 2) == quote {
          index += 3
          return nil
        }
        index += text[index] == UInt8(ascii: "\\") ? 2 : 1
      }
      index = text.count
      return nil
    }
    index += 1
    let start = index
    while index < text.count, text[index] != quote, text[index] != 0x0A {
      index +=
        text[index] == UInt8(ascii: "\\") && index + 1 < text.count
          && text[index + 1] != 0x0A ? 2 : 1
    }
    index = min(index, text.count)
    let end = index
    if index < text.count, text[index] == quote { index += 1 }
    return start..<end
  }
}
