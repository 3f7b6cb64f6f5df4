import Foundation

/// Counting N-grams, in a process of its own: its rate, its memory, and what it found.
struct CountBench {
  let dataset: String
  let tokenizer: String
  let store: String
  /// More options of `engram memory count`.
  let options: [String]
  let report: BenchReport

  /// What `engram memory count --format json` prints.
  private struct Counted: Decodable {
    struct Order: Decodable {
      var order: Int
      var distinct: Int
      var total: Int
      var singletons: Int
    }
    var orders: [Order]
  }

  /// Counts and drops what was published, again and again; the median counts.
  func run(rounds: Int) throws {
    let name = "bench-count"
    var seconds: [Double] = []
    var peak = 0
    var counted: Counted?
    for _ in 0..<rounds {
      try Interruption.check()
      let process = try ChildProcess.run(
        [
          ChildProcess.ownPath, "memory", "count", dataset, "--tokenizer", tokenizer, "--as", name,
          "--store", store, "--format", "json",
        ] + options)
      guard process.status == 0 else { throw CommandError("the count failed") }
      seconds.append(process.seconds)
      peak = max(peak, process.peakBytes)
      counted = try JSONDecoder().decode(Counted.self, from: Data(process.output.utf8))
      let drop = try ChildProcess.run([
        ChildProcess.ownPath, "memory", "counts", "drop", name, "--all", "--store", store,
      ])
      guard drop.status == 0 else { throw CommandError("\(name) in \(store) was not dropped") }
    }
    guard let orders = counted?.orders, let first = orders.first else { return }
    // All tokens are the end of an N-gram, but for the first few of a document.
    show("tokens counted, all orders", Double(first.total) / Measure.median(seconds), "tokens/s")
    show("most memory", Double(peak) / 1e6, "MB")
    for order in orders {
      show("order \(order.order), distinct", Double(order.distinct), "N-grams")
      show("order \(order.order), total", Double(order.total), "N-grams")
      show("order \(order.order), single", Double(order.singletons), "N-grams")
    }
  }

  private func show(_ what: String, _ value: Double, _ unit: String) {
    report.print(BenchLine(bench: "count", what: "\(dataset), \(what)", value: value, unit: unit))
  }
}
