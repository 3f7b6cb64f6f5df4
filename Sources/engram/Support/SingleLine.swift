/// Text that stays on its line, and shows in its order, whatever names from untrusted files or
/// arguments stand in it.
enum SingleLine {
  /// `text` with line breaks, control characters and the marks that turn the direction of text
  /// written as escapes.
  static func text(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar.properties.generalCategory {
      case .control, .lineSeparator, .paragraphSeparator:
        result += scalar.escaped(asASCII: true)
      case .format
      where (0x202A...0x202E).contains(scalar.value)
        || (0x2066...0x2069).contains(scalar.value):
        result += scalar.escaped(asASCII: true)
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}
