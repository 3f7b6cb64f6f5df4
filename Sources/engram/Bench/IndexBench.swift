import Foundation

/// Building an index afresh, in a process of its own: its rate, its memory, and its size.
struct IndexBench {
  let dataset: String
  let store: String
  /// More options of `engram index build`.
  let options: [String]
  let report: BenchReport

  /// What `engram index build --format json` prints, as far as it is used.
  private struct Built: Decodable {
    var passages: Int
    var textBytes: Int
    var bytes: Int
  }

  /// Builds again and again with each number of threads; the median counts.
  func run(threads: [Int], rounds: Int) throws {
    for count in threads {
      var seconds: [Double] = []
      var peak = 0
      var built = Built(passages: 0, textBytes: 0, bytes: 0)
      for _ in 0..<rounds {
        try Interruption.check()
        let process = try ChildProcess.run(
          [
            ChildProcess.ownPath, "index", "build", dataset, "--fresh", "--threads", "\(count)",
            "--store", store, "--format", "json",
          ] + options)
        guard process.status == 0 else { throw CommandError("the index was not built") }
        built = try JSONDecoder().decode(Built.self, from: Data(process.output.utf8))
        seconds.append(process.seconds)
        peak = max(peak, process.peakBytes)
      }
      let what = "index, \(count == 1 ? "1 thread" : "\(count) threads")"
      show(what, Measure.median(seconds), "s")
      show(what, Double(built.textBytes) / 1e6 / Measure.median(seconds), "MB/s")
      show("\(what), most memory", Double(peak) / 1e6, "MB")
      guard count == threads.last else { continue }
      show("passages", Double(built.passages), "passages")
      show("index / text", Double(built.bytes) / Double(max(1, built.textBytes)), "x")
    }
  }

  private func show(_ what: String, _ value: Double, _ unit: String) {
    report.print(BenchLine(bench: "query", what: "\(dataset), \(what)", value: value, unit: unit))
  }
}
