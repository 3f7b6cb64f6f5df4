/// Text that stays on its line, whatever names from untrusted files or arguments stand in it.
enum SingleLine {
  /// `text` with line breaks and control characters written as escapes.
  static func text(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar.properties.generalCategory {
      case .control, .lineSeparator, .paragraphSeparator:
        result += scalar.escaped(asASCII: true)
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}
