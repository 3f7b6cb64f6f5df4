import Foundation
import NgramCounts
import Plots

/// The report on counts as text, JSON and a picture.
struct CountReport {
  struct Line: Encodable {
    struct Covered: Encodable {
      var most: UInt64
      /// Of the N-grams that were counted, each as often as it occurs.
      var counted: Double
      /// Of those held out.
      var heldOut: Double?
    }

    struct Point: Encodable {
      var rank: UInt64
      var count: UInt64
    }

    struct Order: Encodable {
      var order: Int
      var total: UInt64
      var distinct: UInt64
      var singletons: UInt64
      var heldOutTotal: UInt64?
      var heldOutKnown: UInt64?
      var covered: [Covered]
      var zipf: [Point]
    }

    var counts: String
    var dataset: String
    var heldOut: String?
    var orders: [Order]
  }

  let line: Line

  /// - Parameter sizes: numbers of most frequent N-grams.
  init(
    _ manifest: CountsManifest, frequencies: [Int: CountFrequencies], sizes: [UInt64],
    heldOut: String?, coverage: [Coverage]?
  ) {
    line = Line(
      counts: manifest.title, dataset: manifest.subject.dataset.title, heldOut: heldOut,
      orders: manifest.orders.map { totals in
        let frequencies = frequencies[totals.order]
        let coverage = coverage?.first { $0.order == totals.order }
        return Line.Order(
          order: totals.order, total: totals.total, distinct: totals.distinct,
          singletons: totals.singletons, heldOutTotal: coverage?.total,
          heldOutKnown: coverage?.known,
          covered: sizes.map { most in
            let held = coverage?.covered.first { $0.most == most }?.ngrams
            return Line.Covered(
              most: most, counted: Self.share(frequencies?.total(most: most) ?? 0, totals.total),
              heldOut: coverage.map { Self.share(held ?? 0, $0.total) })
          },
          zipf: (frequencies?.curve() ?? []).map { .init(rank: $0.rank, count: $0.count) })
      })
  }

  private static func share(_ part: UInt64, _ whole: UInt64) -> Double {
    whole == 0 ? 0 : Double(part) / Double(whole)
  }

  /// Count by rank, a line an order, both logarithmic.
  var chart: Chart {
    let lines = line.orders.map { order in
      Panel.Line(
        "\(order.order)-grams", order.zipf.map { .init(Double($0.rank), Double($0.count)) })
    }
    return Chart(
      "\(line.counts), \(line.dataset)",
      panels: [
        Panel(
          "Zipf curve", x: Axis("rank", scale: .logarithmic),
          y: Axis("occurrences", scale: .logarithmic), .lines(lines))
      ])
  }

  func printText() {
    print("\(line.counts)  of \(line.dataset)\n")
    TextTable.print(
      [["order", "N-grams", "different", "once", "once, of different"]]
        + line.orders.map {
          [
            "\($0.order)", "\($0.total)", "\($0.distinct)", "\($0.singletons)",
            Self.percent(Self.share($0.singletons, $0.distinct)),
          ]
        })
    print("\noccurrences by rank")
    TextTable.print(
      [["rank"] + line.orders.map { "\($0.order)-grams" }]
        + (0...9).map { UInt64(pow(10, Double($0))) }
        .filter { rank in line.orders.contains { $0.distinct >= rank } }
        .map { rank in ["\(rank)"] + line.orders.map { Self.count(at: rank, of: $0) } })
    print("\nwhat the most frequent cover of the N-grams counted")
    printCoverage { $0.counted }
    guard let heldOut = line.heldOut else { return }
    print("\nwhat the most frequent cover of \(heldOut)")
    printCoverage { $0.heldOut ?? 0 }
    let known = line.orders.map { order in
      Self.percent(Self.share(order.heldOutKnown ?? 0, order.heldOutTotal ?? 0))
    }
    print("all that were counted cover \(known.joined(separator: ", "))")
  }

  private func printCoverage(_ share: (Line.Covered) -> Double) {
    TextTable.print(
      [["most frequent"] + line.orders.map { "\($0.order)-grams" }]
        + (line.orders.first?.covered.indices ?? 0..<0).map { index in
          ["\(line.orders[0].covered[index].most)"]
            + line.orders.map { Self.percent(share($0.covered[index])) }
        })
  }

  /// The count of the N-gram at a rank: that of the curve's first point from there on is at most
  /// as large, and the curve has a point at each power of ten.
  private static func count(at rank: UInt64, of order: Line.Order) -> String {
    guard order.distinct >= rank else { return "" }
    return order.zipf.first { $0.rank >= rank }.map { "\($0.count)" } ?? ""
  }

  private static func percent(_ share: Double) -> String { String(format: "%.2f%%", share * 100) }
}
