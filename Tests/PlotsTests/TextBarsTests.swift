import Testing

@testable import Plots

/// Bars in a terminal.
struct TextBarsTests {
  @Test func labelsMarksAndNumbersStandInColumns() {
    let bars = [Panel.Bar("rst", 4_000), Panel.Bar("中文", 2_000), Panel.Bar("c", 1)]
    #expect(
      TextBars(bars, width: 32).description == """
        rst   ###################  4,000
        中文  ##########           2,000
        c     #                        1

        """)
  }

  @Test(arguments: [-5, 0, 20, 33, 80, 200])
  func noLineIsWiderThanAsked(width: Int) {
    let bars =
      (0..<30).map { Panel.Bar(String(repeating: "字a", count: $0), Double($0 * $0 * 1_000)) }
      + [Double.nan, .infinity, -3, 1e300, .leastNonzeroMagnitude].map {
        Panel.Bar("bad\n\u{1b}[31m", $0)
      }
    let lines = TextBars(bars, width: width).lines
    #expect(lines.count == bars.count)
    for line in lines {
      #expect(line.terminalColumns <= max(width, 20))
      #expect(!line.unicodeScalars.contains { $0.value < 32 })
    }
  }

  @Test func marksAreProportional() {
    let lines = TextBars((1...20).map { Panel.Bar("x", Double($0)) }, width: 100).lines
    let marks = lines.map { line in line.count { $0 == "#" } }
    for (number, count) in marks.enumerated() {
      #expect(abs(Double(count) - Double(marks[19] * (number + 1)) / 20) <= 1)
    }
  }

  @Test func histogramIsTrimmedAndSaysWhatHasNoBin() {
    let values = [1.0, 1, 1, 30, 0, .nan]
    let lines = TextBars(Histogram(values, bins: .logarithmic(perDecade: 3)), width: 40).lines
    #expect(lines.count == 6)
    #expect(lines[0].hasPrefix("1 - 2 "))
    #expect(lines[0].hasSuffix(" 3"))
    #expect(lines[4].hasPrefix("20 - 50 "))
    #expect(lines[5].hasPrefix("elsewhere "))
    #expect(TextBars(Histogram([])).description == "")
  }
}
