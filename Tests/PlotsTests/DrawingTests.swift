import Foundation
import TestCheckpoints
import Testing

@testable import Plots

/// What is seen: pixels read back from written pictures.
struct DrawingTests {
  private func draw(_ content: Panel.Content, y: Axis = Axis("")) throws -> Pixels {
    let scratch = try ScratchFolder()
    try Chart("", panels: [Panel("", y: y, content)]).write(to: scratch("chart.png"))
    return try Pixels(png: scratch("chart.png"))
  }

  /// Heights of bars: the longest run in any column of each stretch of columns that have one.
  private func heights(_ pixels: Pixels) -> [Int] {
    let tallest = (0..<pixels.width).map { pixels.runs(column: $0).max() ?? 0 }
    return tallest.split(separator: 0).map { $0.max() ?? 0 }
  }

  @Test func barsAreAsHighAsTheirCounts() throws {
    let counts = [100, 50, 25, 75, 0, 10]
    let histogram = try Histogram(edges: [0, 1, 2, 3, 4, 5, 6], counts: counts)
    let found = heights(try draw(.histogram(histogram)))
    let expected = counts.filter { $0 > 0 }
    try #require(found.count == expected.count)
    for (height, count) in zip(found, expected) {
      #expect(abs(Double(height) / Double(found[0]) - Double(count) / 100) < 0.01)
    }
  }

  @Test func logarithmicBarsRiseByTheRatio() throws {
    let histogram = try Histogram(edges: [0, 1, 2, 3, 4], counts: [10, 100, 1_000, 10_000])
    let found = heights(try draw(.histogram(histogram), y: Axis("", scale: .logarithmic)))
    try #require(found.count == 4)
    for (lower, upper) in zip(found, found.dropFirst()) {
      #expect(abs((upper - lower) - (found[1] - found[0])) <= 3)
    }
  }

  @Test func horizontalBarsAreAsLongAsTheirNumbers() throws {
    let values = [80.0, 40, 20, .nan, 5]
    let pixels = try draw(.bars(values.map { Panel.Bar("label", $0) }))
    let longest = (0..<pixels.height).map { pixels.runs(row: $0).max() ?? 0 }
    let found = longest.split(separator: 0).map { $0.max() ?? 0 }
    try #require(found.count == 4)
    for (length, value) in zip(found, [80.0, 40, 20, 5]) {
      #expect(abs(Double(length) / Double(found[0]) - value / 80) < 0.01)
    }
  }

  @Test func lineRunsFromCornerToCornerAndBreaksAtBadPoints() throws {
    let whole = (0...100).map { Panel.Point(Double($0), Double($0)) }
    let pixels = try draw(.lines([Panel.Line("", whole)]))
    let columns = (0..<pixels.width).filter { !pixels.runs(column: $0).isEmpty }
    let first = try #require(columns.first)
    let last = try #require(columns.last)
    #expect(columns.count == last - first + 1)
    var broken = whole
    broken[40].y = .nan
    let gap = try draw(.lines([Panel.Line("", broken)]))
    let left = (first...last).filter { gap.runs(column: $0).isEmpty }
    #expect(abs(Double(left.count) / Double(last - first) - 0.02) < 0.005)
  }

  @Test func severalLinesHaveColoursOfTheirOwn() throws {
    let lines = (1...3).map { slope in
      Panel.Line("slope \(slope)", [Panel.Point(0, 0), Panel.Point(1, Double(slope))])
    }
    let pixels = try draw(.lines(lines))
    for color: UInt32 in [0x3b6fb6, 0xe08a1e, 0x2f9e82] { #expect(pixels.count(of: color) > 100) }
  }
}
