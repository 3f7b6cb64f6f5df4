import Foundation
import SeededRandom
import Testing

@testable import Plots

/// Bins and ticks.
struct HistogramTests {
  @Test(arguments: [
    Histogram.Bins.linear(count: 7), .linear(count: 40), .linear(count: 0),
    .logarithmic(perDecade: 1), .logarithmic(perDecade: 3), .logarithmic(perDecade: 10),
  ])
  func everyValueIsInTheBinThatHoldsIt(bins: Histogram.Bins) {
    var random = SeededGenerator(seed: 5)
    for round in 0..<60 {
      let power = Double.random(in: -20...20, using: &random)
      let spread = Double.random(in: 0...4, using: &random)
      let values = (0..<(round * 3)).map { _ in
        let value = pow(10, power + Double.random(in: 0...1, using: &random) * spread)
        return round % 2 == 0 ? value : value.rounded()
      }
      let histogram = Histogram(values, bins: bins)
      #expect(histogram.counts.reduce(histogram.skipped, +) == values.count)
      #expect(zip(histogram.edges, histogram.edges.dropFirst()).allSatisfy(<))
      #expect(histogram.counts.count <= 500)
      for bin in histogram.counts.indices {
        let isLast = bin == histogram.counts.count - 1
        let held = values.count {
          $0 >= histogram.edges[bin]
            && ($0 < histogram.edges[bin + 1]
              || isLast && $0 == histogram.edges[bin + 1])
            && (histogram.scale == .linear || $0 > 0)
        }
        #expect(histogram.counts[bin] == held)
      }
    }
  }

  @Test func edgesAreRoundNumbers() {
    let lengths = Histogram([1, 3, 80, 700], bins: .logarithmic(perDecade: 3))
    #expect(lengths.edges == [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000])
    #expect(lengths.counts == [1, 1, 0, 0, 0, 1, 0, 0, 1])
    #expect(
      Histogram([3, 47], bins: .linear(count: 10)).edges == [
        0, 5, 10, 15, 20, 25, 30, 35, 40, 45, 50,
      ])
  }

  @Test func numbersWithoutAPlaceAreCounted() {
    let values: [Double] = [1, 2, .nan, .infinity, -.infinity, 0, -4]
    #expect(Histogram(values, bins: .logarithmic(perDecade: 3)).skipped == 5)
    #expect(Histogram(values, bins: .linear(count: 3)).skipped == 3)
    #expect(Histogram([.nan]).counts.isEmpty)
  }

  @Test(arguments: [[1.0, 1], [2, 1], [.nan, 1], [1], [1, 2, 3]])
  func badEdgesAreRefused(edges: [Double]) {
    #expect(throws: PlotError.badBins(edges: edges.count, counts: 1)) {
      try Histogram(edges: edges, counts: [3])
    }
  }

  @Test func ticksAreFewAndInside() {
    var random = SeededGenerator(seed: 6)
    for _ in 0..<500 {
      let low = Double.random(in: -1e6...1e6, using: &random)
      let span = pow(10, Double.random(in: -3...9, using: &random))
      let ticks = Ticks.values(in: AxisRange(scale: .linear, low: low, high: low + span))
      #expect((2...11).contains(ticks.count))
      #expect(ticks.allSatisfy { $0 >= low - span * 1e-5 && $0 <= low + span * (1 + 1e-5) })
      let bottom = pow(10, Double.random(in: -30...30, using: &random))
      let ratio = pow(10, Double.random(in: 0.5...60, using: &random))
      let range = AxisRange(scale: .logarithmic, low: bottom, high: bottom * ratio)
      #expect((1...12).contains(Ticks.values(in: range).count))
    }
  }

  @Test func labelsAreShort() {
    let labels = [0, 0.5, 250, 1_000, 20_000, 1.5e6, 3e9, 1e12, -4e6, 3e-7, 1e20].map(Ticks.label)
    #expect(
      labels == [
        "0", "0.5", "250", "1000", "20k", "1.5M", "3G", "1T", "-4M", "3e-07", "1e+20",
      ])
  }
}
