/// Numbers in texts, as JSON writes them.
enum NumberText {
  /// The number that all of a text is, or `nil`; no hexadecimal, infinity or spaces.
  static func value(_ text: String) -> MetadataValue? {
    guard let first = text.utf8.first, mayBegin(first), text.utf8.count <= 64,
      text.utf8.allSatisfy(isPart)
    else { return nil }
    if let integer = Int(text) { return .integer(integer) }
    guard let number = Double(text), number.isFinite else { return nil }
    return .number(number)
  }

  /// Whether a text that begins with a byte may be a number.
  static func mayBegin(_ byte: UInt8) -> Bool { isPart(byte) && byte | 0x20 != UInt8(ascii: "e") }

  private static func isPart(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "-"),
      UInt8(ascii: "."), UInt8(ascii: "e"), UInt8(ascii: "E"):
      true
    default: false
    }
  }
}
