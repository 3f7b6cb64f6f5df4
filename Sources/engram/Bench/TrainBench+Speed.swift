import Files
import MemoryTraining

extension TrainBench {
  /// Tokens a second on one thread and on more, each run `seconds` long, in turn.
  ///
  /// - Parameter threads: ascending; the first is what the others are compared with.
  func measureSpeed(threads: [Int], seconds: Double, rounds: Int) throws {
    var rates = threads.map { _ in [Double]() }
    for _ in 0..<rounds {
      for (index, count) in threads.enumerated() {
        var options = options
        options.threads = count
        options.timeLimit = seconds
        options.epochs = 10_000
        // What is measured is learning.
        options.evaluations = 1
        options.evaluationTokens = 1
        options.checkpointSeconds = .greatestFiniteMagnitude
        let title = "speed-\(count)"
        let trainer = try trainer(title, options)
        let report = try run(trainer, "training with \(Self.title(count))")
        rates[index].append(Double(report.tokens) / report.seconds)
        try trainer.removeFiles()
      }
    }
    let medians = rates.map(Measure.median)
    for (count, rate) in zip(threads, medians) {
      let isFirst = count == threads.first
      show(
        "training, width \(options.width), \(Self.title(count))", rate, "tokens/s",
        against: isFirst ? nil : Self.title(threads[0]), isFirst ? nil : medians[0])
    }
  }

  private static func title(_ threads: Int) -> String {
    threads == 1 ? "1 thread" : "\(threads) threads"
  }
}
