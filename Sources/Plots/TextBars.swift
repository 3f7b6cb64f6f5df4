/// Bars made of text, for a terminal: `label  ######  count`.
///
///     TextBars(histogram, width: 80).description
///
/// No line is wider than `width` columns; the longest bar fills what labels and numbers leave.
public struct TextBars: Hashable, Sendable, CustomStringConvertible {
  /// The lines, one a bar, without line ends.
  public let lines: [String]

  /// The lines, each with its end.
  public var description: String { lines.map { $0 + "\n" }.joined() }

  /// Bars of named numbers, in the order given. What is no number, infinite or below zero has an
  /// empty bar.
  ///
  /// - Parameter width: columns, at least 20.
  public init(_ bars: [Panel.Bar], width: Int = 80) {
    let width = min(max(width, 20), 10_000)
    let numbers = bars.map { Self.number($0.value) }
    let numberColumns = min(numbers.lazy.map(\.count).max() ?? 0, 26)
    let widest = bars.lazy.map { $0.label.shownOnOneLine.terminalColumns }.max() ?? 0
    let labelColumns = min(widest, max(4, (width - numberColumns - 4) / 2))
    let room = max(1, width - labelColumns - numberColumns - 4)
    let most = bars.lazy.map(\.value).filter { $0.isFinite && $0 > 0 }.max() ?? 0
    lines = zip(bars, numbers).map { bar, number in
      let label = Self.padded(bar.label.shownOnOneLine, labelColumns)
      let marks = Self.marks(bar.value, of: most, room: room)
      let line = label + "  " + String(repeating: "#", count: marks)
      let gap = String(
        repeating: " ", count: room - marks + 2 + max(0, numberColumns - number.count))
      return line + gap + number
    }
  }

  /// A bar a bin, from the first to the last that is not empty, with the bin's ends as its label;
  /// a last line says how many values have no bin.
  public init(_ histogram: Histogram, width: Int = 80) {
    let counts = histogram.counts
    var bars: [Panel.Bar] = []
    if let first = counts.firstIndex(where: { $0 > 0 }),
      let last = counts.lastIndex(where: { $0 > 0 })
    {
      bars = (first...last).map { bin in
        let ends = [histogram.edges[bin], histogram.edges[bin + 1]].map(Ticks.label)
        return Panel.Bar("\(ends[0]) - \(ends[1])", Double(counts[bin]))
      }
    }
    if histogram.skipped > 0 { bars.append(Panel.Bar("elsewhere", Double(histogram.skipped))) }
    self.init(bars, width: width)
  }

  /// At least one mark for what is not zero.
  private static func marks(_ value: Double, of most: Double, room: Int) -> Int {
    guard value.isFinite, value > 0, most > 0 else { return 0 }
    return min(room, max(1, Int((value / most * Double(room)).rounded())))
  }

  /// Whole numbers in full with commas, others with four digits.
  private static func number(_ value: Double) -> String {
    guard value.isFinite, value == value.rounded(), abs(value) < 1e15 else {
      return Ticks.label(value)
    }
    var digits = String(Int(abs(value)))
    var groups: [String] = []
    while digits.count > 3 {
      groups.insert(String(digits.suffix(3)), at: 0)
      digits.removeLast(3)
    }
    return (value < 0 ? "-" : "") + ([digits] + groups).joined(separator: ",")
  }

  /// The label in exactly `columns` columns, cut with an ellipsis where it is longer.
  private static func padded(_ label: String, _ columns: Int) -> String {
    var shown = label
    if label.terminalColumns > columns {
      var used = 1
      shown = ""
      for character in label {
        used += character.terminalColumns
        if used > columns { break }
        shown.append(character)
      }
      shown.append("…")
    }
    return shown + String(repeating: " ", count: max(0, columns - shown.terminalColumns))
  }
}
