/// A pattern of text: `*` stands for any text, also none and also with `/` in it, `?` for one
/// scalar, everything else for itself.
///
///     let glob = Glob("Documentation/*.rst")
///     glob.matches(bytes)
public struct Glob: Hashable, Sendable {
  private enum Token: Hashable {
    case byte(UInt8)
    case scalar
    case anything
  }

  private let tokens: [Token]
  /// The bytes that all matches begin with.
  public let prefix: [UInt8]
  /// Whether it is no more than its prefix: a text without `*` and `?`.
  public var isPlain: Bool { prefix.count == tokens.count }

  /// A pattern; every text is one.
  public init(_ pattern: String) {
    var tokens: [Token] = []
    for byte in pattern.utf8 {
      switch byte {
      case UInt8(ascii: "*"): if tokens.last != .anything { tokens.append(.anything) }
      case UInt8(ascii: "?"): tokens.append(.scalar)
      default: tokens.append(.byte(byte))
      }
    }
    self.tokens = tokens
    var prefix: [UInt8] = []
    for case .byte(let byte) in tokens.prefix(while: { if case .byte = $0 { true } else { false } })
    {
      prefix.append(byte)
    }
    self.prefix = prefix
  }

  /// Whether all of a text in UTF-8 is of the pattern. A byte that is not UTF-8 counts as a scalar.
  ///
  /// A star first takes nothing, then a scalar more each time that what follows fails; only the last
  /// star is ever asked again, as an earlier one could only make the rest shorter.
  ///
  /// - Complexity: at most the pattern's length times the text's, for `*a*a*b`; no memory.
  public func matches(_ text: Span<UInt8>) -> Bool {
    var (token, at) = (0, 0)
    var star: (token: Int, at: Int)?
    while at < text.count {
      if token < tokens.count {
        switch tokens[token] {
        case .byte(let byte) where byte == text[at]:
          token += 1
          at += 1
          continue
        case .scalar:
          token += 1
          at = Self.next(text, at)
          continue
        case .anything:
          star = (token, at)
          token += 1
          continue
        case .byte: break
        }
      }
      guard let last = star else { return false }
      at = Self.next(text, last.at)
      star = (last.token, at)
      token = last.token + 1
    }
    return tokens[token...].allSatisfy { $0 == .anything }
  }

  /// Whether all of a text is of the pattern.
  public func matches(_ text: String) -> Bool { matches(Array(text.utf8).span) }

  /// Behind the scalar that begins at a byte.
  private static func next(_ text: Span<UInt8>, _ at: Int) -> Int {
    let lead = text[at]
    let longest = lead < 0xC0 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4
    var end = at + 1
    while end < text.count, end < at + longest, text[end] & 0xC0 == 0x80 { end += 1 }
    return end
  }
}
