import Foundation
import TestCheckpoints
import Testing

@testable import Plots

#if canImport(FoundationXML)
import FoundationXML
#endif

/// Charts as files.
struct ChartFileTests {
  static let every = Chart(
    "Everything",
    panels: [
      Panel(
        "Lengths", x: Axis("bytes"), y: Axis("documents"),
        .histogram(
          Histogram((1...2_000).map { Double($0 * $0) }, bins: .logarithmic(perDecade: 10)))),
      Panel(
        "Zipf", x: Axis("rank", scale: .logarithmic), y: Axis("count", scale: .logarithmic),
        .lines([
          Panel.Line("2-grams", (1...100).map { Panel.Point(Double($0), 1e6 / Double($0)) }),
          Panel.Line("3-grams", (1...100).map { Panel.Point(Double($0), 2e5 / Double($0)) }),
        ])),
      Panel("Sources", x: Axis("documents"), .bars([Panel.Bar("a", 5), Panel.Bar("b", 2)])),
    ])

  @Test func pngHasItsSignatureAndTwoPixelsAPoint() throws {
    let scratch = try ScratchFolder()
    try Self.every.write(to: scratch("chart.PNG"))
    let bytes = try Data(contentsOf: URL(fileURLWithPath: scratch("chart.PNG")))
    #expect(bytes.prefix(8) == Data([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]))
    let pixels = try Pixels(png: scratch("chart.PNG"))
    #expect(pixels.width == 2 * 2 * 640)
    #expect(pixels.height == 2 * (40 + 2 * 360 + 8))
  }

  @Test func svgIsWellFormed() throws {
    let scratch = try ScratchFolder()
    try Self.every.write(to: scratch("chart.svg"))
    let data = try Data(contentsOf: URL(fileURLWithPath: scratch("chart.svg")))
    #expect(XMLParser(data: data).parse())
    #expect(String(decoding: data, as: UTF8.self).contains("<svg"))
  }

  @Test func sameChartGivesSameBytes() throws {
    let first = try Self.every.render(as: .png, path: "a.png")
    #expect(try Self.every.render(as: .png, path: "b.png") == first)
    var other = Self.every
    other.panels.removeLast()
    #expect(try other.render(as: .png, path: "c.png") != first)
  }

  @Test(arguments: ["chart", "chart.pdf", "chart.png.gz", ""])
  func unknownExtensionIsRefused(path: String) {
    #expect(throws: PlotError.unknownFormat(path: path)) { try Self.every.write(to: path) }
  }

  @Test func unwritablePathIsOneLineAndLeavesNothing() throws {
    let scratch = try ScratchFolder()
    let path = scratch("no/such/folder/chart.png")
    let error = try #require(throws: PlotError.self) { try Self.every.write(to: path) }
    #expect(error.description.contains(path))
    #expect(!error.description.contains("\n"))
    #expect(try FileManager.default.contentsOfDirectory(atPath: scratch.path).isEmpty)
  }

  @Test func pictureThatIsTooLargeIsRefused() throws {
    let panel = Panel("", .lines([]))
    let chart = Chart("", panels: Array(repeating: panel, count: 100), columns: 1)
    let error = try #require(throws: PlotError.self) { try chart.render(as: .png, path: "a.png") }
    guard case .cannotDraw(path: "a.png", _) = error else {
      Issue.record("\(error)")
      return
    }
  }

  @Test func everythingIsDrawnWhereNothingCanBe() throws {
    let bad = [Double.nan, .infinity, -.infinity, 0, -1, 1e308, -1e308, .leastNonzeroMagnitude]
    let points = bad.flatMap { x in bad.map { Panel.Point(x, $0) } }
    for scale in [AxisScale.linear, .logarithmic] {
      let axis = Axis("x\u{0}y\nz", scale: scale)
      for content: Panel.Content in [
        .histogram(Histogram(bad)), .histogram(Histogram(bad, bins: .logarithmic(perDecade: 0))),
        .histogram(Histogram([])), .histogram(Histogram([], bins: .linear(count: -3))),
        .lines([]), .lines([Panel.Line("\u{202e}\u{7}", points)]), .lines([Panel.Line("", [])]),
        .lines([Panel.Line("one", [Panel.Point(3, 3)])]),
        .bars([]), .bars(bad.map { Panel.Bar("\($0)", $0) }),
        .bars((0..<500).map { Panel.Bar(String(repeating: "字", count: $0), Double($0)) }),
      ] {
        let chart = Chart(
          "\n", panels: [Panel("", x: axis, y: axis, content)],
          panelSize: Chart.Size(width: .nan, height: -1))
        for format in [PictureFormat.png, .svg] {
          #expect(try !chart.render(as: format, path: "bad").isEmpty)
        }
      }
    }
    #expect(try !Chart("", panels: []).render(as: .png, path: "none").isEmpty)
  }
}
