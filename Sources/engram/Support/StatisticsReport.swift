import Datasets
import Foundation
import Plots

/// The statistics of a dataset as text, JSON and a picture.
struct StatisticsReport {
  struct Line: Encodable {
    struct Bin: Encodable {
      var from: Double
      var to: Double
      var samples: Int
    }

    struct Source: Encodable {
      var name: String
      var documents: Int
    }

    var dataset: String
    var samples: Int
    var unit: String
    var total: Int
    var mean: Double
    var median: Int
    var p99: Int
    var max: Int
    var empty: Int
    var histogram: [Bin]
    var by: String?
    var sources: [Source]?
  }

  let line: Line
  private let histogram: Histogram
  private let top: Int

  /// - Parameter top: how many sources people see; programs see all.
  init(_ statistics: DatasetStatistics, of title: String, by: String, top: Int) throws {
    histogram = try Histogram(
      counted: statistics.lengths.map { (Double($0.length), $0.samples) },
      bins: .logarithmic(perDecade: 3))
    self.top = top
    let bins = zip(zip(histogram.edges, histogram.edges.dropFirst()), histogram.counts)
    line = Line(
      dataset: title, samples: statistics.samples, unit: statistics.unit.rawValue,
      total: statistics.total, mean: statistics.mean, median: statistics.quantile(0.5),
      p99: statistics.quantile(0.99), max: statistics.maximum, empty: histogram.skipped,
      histogram: bins.map { .init(from: $0.0, to: $0.1, samples: $1) },
      by: statistics.sources == nil ? nil : by,
      sources: statistics.sources?.map { .init(name: $0.name, documents: $0.documents) })
  }

  var chart: Chart {
    var panels = [
      Panel(
        "Sample length", x: Axis(line.unit), y: Axis("samples"), .histogram(histogram))
    ]
    if let bars { panels.append(Panel("Documents by \(line.by ?? "")", .bars(bars))) }
    return Chart("\(line.dataset), \(line.samples) samples", panels: panels)
  }

  func printText() {
    print("\(line.dataset)  \(line.samples) samples, \(line.total) \(line.unit)")
    guard line.samples > 0 else { return }
    print(
      "length in \(line.unit): mean \(String(format: "%.1f", line.mean)), median \(line.median), "
        + "p99 \(line.p99), max \(line.max)")
    print("\nsamples by length in \(line.unit)")
    print(TextBars(histogram), terminator: "")
    guard let bars else { return }
    print("\ndocuments by \(line.by ?? "")")
    print(TextBars(bars), terminator: "")
  }

  /// The largest sources, and what is left in one bar.
  private var bars: [Panel.Bar]? {
    guard let sources = line.sources else { return nil }
    var bars = sources.prefix(top).map { Panel.Bar($0.name, Double($0.documents)) }
    let rest = sources.dropFirst(top)
    if !rest.isEmpty {
      let documents = rest.reduce(0) { $0 + $1.documents }
      bars.append(Panel.Bar("\(rest.count) others", Double(documents)))
    }
    return bars
  }
}
