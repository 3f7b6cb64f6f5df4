import Files

/// What can go wrong with a tokenizer or a text; each case prints one line.
public enum TokenizationError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The tokenizer's file cannot be read.
  case file(FileError)
  /// The tokenizer's file is not JSON; `offset` counts its bytes.
  case malformed(offset: Int, reason: String)
  /// A field of the tokenizer's file has a value that it must not have.
  case invalid(field: String, reason: String)
  /// The tokenizer asks for something that would change results and that we do not do.
  case unsupported(part: String, name: String)
  /// A regular expression that cannot be used.
  case pattern(String, reason: String)
  /// A regular expression gave up on a text (its limits of steps or memory).
  case matchFailed(pattern: String, reason: String)
  /// The text is not UTF-8; `offset` is the first byte that is wrong.
  case invalidUTF8(offset: Int)
  /// The text has more bytes than `limit`.
  case textTooLong(count: Int, limit: Int)

  /// One line: what, where, what to do.
  public var description: String {
    switch self {
    case .file(let error):
      error.description
    case .malformed(let offset, let reason):
      "the tokenizer file is not valid JSON at byte \(offset): \(reason); "
        + "fetch the file again"
    case .invalid(let field, let reason):
      "the tokenizer file's \(Self.oneLine(field)) is wrong: \(reason)"
    case .unsupported(let part, let name):
      "the tokenizer's \(part) \"\(Self.oneLine(name))\" is not supported; "
        + "use a tokenizer.json without it"
    case .pattern(let pattern, let reason):
      "the tokenizer's pattern \"\(Self.oneLine(pattern))\" cannot be used: \(reason)"
    case .matchFailed(let pattern, let reason):
      "the tokenizer's pattern \"\(Self.oneLine(pattern))\" gave up on this text: \(reason); "
        + "cut the text into smaller pieces"
    case .invalidUTF8(let offset):
      "the text is not UTF-8 at byte \(offset); convert it first"
    case .textTooLong(let count, let limit):
      "the text has \(count) bytes, the limit is \(limit); cut it into smaller pieces"
    }
  }

  /// Text from a file as it can stand in a message: printable, on one line, not too long.
  static func oneLine(_ text: String) -> String {
    var line = ""
    for scalar in text.unicodeScalars.prefix(120) {
      line +=
        scalar.value < 0x20 || scalar.value == 0x7F
        ? scalar.escaped(asASCII: true) : String(scalar)
    }
    return text.unicodeScalars.count > 120 ? line + "..." : line
  }
}
