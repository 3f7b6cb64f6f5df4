import Addressing
import Files
import Foundation
import MemoryTraining
import TokenStreams
import Tokenization

/// Training a memory: how fast, and what it is worth beside models of other kinds.
struct TrainBench {
  let stream: DatasetTokens
  /// How runs are trained, but for what a measurement sets itself.
  var options: TrainingOptions
  /// The smallest bucket size of a column.
  var base: UInt64
  /// The longest N-grams.
  var maxOrder: Int
  /// Where runs work; each has a folder of its own in it.
  let folder: String
  let report: BenchReport

  /// The paper's addressing, eight heads an order, with N-grams from 2 to the longest.
  var addressing: Addressing {
    get throws {
      var overrides = Addressing.Overrides()
      overrides.base = [base]
      overrides.maxOrder = maxOrder
      return try Trainer.addressing(
        .engramPaper, overrides: overrides, tokenizer: stream.tokenizer)
    }
  }

  /// A run in a folder of its own. All runs share one encoded corpus, and so one held-out part.
  func trainer(_ name: String, _ options: TrainingOptions) throws -> Trainer {
    let run = folder + "/" + name
    try DurableFile.remove(run)
    try DurableFile.createFolder(run)
    let shared = folder + "/corpus"
    try DurableFile.createFolder(shared)
    try FileManager.default.createSymbolicLink(
      atPath: run + "/corpus", withDestinationPath: "../corpus")
    let bar = ProgressBar("encoding \(stream.dataset.version.title)")
    defer { bar.clear() }
    return try Trainer(
      options, stream: stream, addressing: options.hasMemory ? addressing : nil, folder: run
    ) { event in
      if case .encoding(let done, let total) = event {
        try bar.update(done, total, detail: "\(done) of \(total) samples")
      }
    }
  }

  /// Trains to the end.
  func run(_ trainer: Trainer, _ title: String) throws -> Trainer.Report {
    let bar = ProgressBar(title)
    defer { bar.clear() }
    let report = try trainer.run { event in
      try Interruption.check()
      if case .training(let progress) = event {
        let rate = Int(progress.tokensPerSecond)
        try bar.update(
          Int(progress.share * 1000), 1000,
          detail: "\(rate) tokens/s, loss \(String(format: "%.3f", progress.loss))")
      }
    }
    return report
  }

  func show(
    _ what: String, _ value: Double, _ unit: String, against: String? = nil, _ other: Double? = nil
  ) {
    report.print(
      BenchLine(
        bench: "train", what: what, value: value, unit: unit, against: against,
        ratio: other.map { value / $0 }))
  }
}
