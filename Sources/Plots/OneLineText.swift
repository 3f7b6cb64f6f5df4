extension String {
  /// The text as one line that a terminal or a picture shows as it is: control characters, line
  /// and paragraph ends, and the marks that turn the direction of text become spaces.
  var shownOnOneLine: String {
    guard unicodeScalars.contains(where: \.isControl) else { return self }
    var shown = String.UnicodeScalarView()
    shown.append(contentsOf: unicodeScalars.map { $0.isControl ? " " : $0 })
    return String(shown)
  }

  /// Columns that the text takes in a terminal: two for what East Asian scripts and emoji write
  /// wide, none for combining marks.
  var terminalColumns: Int { reduce(0) { $0 + $1.terminalColumns } }
}

extension Character {
  var terminalColumns: Int {
    guard let first = unicodeScalars.first else { return 0 }
    return first.isWide ? 2 : 1
  }
}

extension Unicode.Scalar {
  fileprivate var isControl: Bool {
    switch properties.generalCategory {
    case .control, .lineSeparator, .paragraphSeparator: true
    case .format: (0x202a...0x202e).contains(value) || (0x2066...0x2069).contains(value)
    default: false
    }
  }

  /// Unicode Standard Annex 11, the ranges of wide and full-width characters, coarsely.
  fileprivate var isWide: Bool {
    switch value {
    case 0x1100...0x115f, 0x2e80...0x303e, 0x3041...0xa4cf, 0xac00...0xd7a3, 0xf900...0xfaff,
      0xfe30...0xfe6f, 0xff00...0xff60, 0xffe0...0xffe6, 0x1f300...0x1f64f, 0x1f900...0x1f9ff,
      0x20000...0x3fffd:
      true
    default: false
    }
  }
}
