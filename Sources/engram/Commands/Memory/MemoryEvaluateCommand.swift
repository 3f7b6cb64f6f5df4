import ArgumentParser
import Datasets
import Files
import Foundation
import MemoryTables
import MemoryTraining
import TokenStreams
import Tokenization

/// How well a trained table helps to predict a dataset.
struct MemoryEvaluateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate",
    abstract: "Measure how much a trained table helps to predict a dataset.",
    discussion: """
      Predicts tokens by the softmax over the whole vocabulary, with the memory on, off, and with \
      rows shuffled: a gain that survives shuffling was not learned from N-grams. Of the dataset \
      that a table was trained on, the held-out part is predicted, and of others the same share, \
      unless --all is given.

        engram memory evaluate corpus --table corpus-memory --tokenizer tokenizer.json
        engram memory evaluate other --table corpus-memory@2 --tokenizer tokenizer.json --all
        engram memory evaluate corpus --model host.safetensors --tokenizer tokenizer.json
      """)

  @Argument(help: ArgumentHelp("NAME or NAME@V, documents or tokens.", valueName: "dataset"))
  var dataset: String

  @Option(help: ArgumentHelp("The trained table, NAME or NAME@V.", valueName: "table"))
  var table: String?

  @Option(
    help: ArgumentHelp(
      "The model (default: the one beside the table). Without a table: a host that was trained "
        + "alone.", valueName: "file"))
  var model: String?

  @Option(help: ArgumentHelp("The model's tokenizer.json (byte-level BPE).", valueName: "file"))
  var tokenizer: String

  @Option(
    help: ArgumentHelp(
      "Only this mode, on, off or shuffled; may be given several times.", valueName: "mode"))
  var mode: [String] = []

  @Flag(help: "Predict all samples, not the held-out part.")
  var all = false

  @Option(
    help: ArgumentHelp(
      "The share of samples that is predicted (default: what training held out).",
      valueName: "0..1"))
  var heldOut: Double?

  @Option(
    help: ArgumentHelp("Which samples that are (default: training's seed).", valueName: "number"))
  var seed: UInt64?

  @Option(
    help: ArgumentHelp(
      "Predict about so many tokens (default: four times training's).", valueName: "tokens"))
  var evaluationTokens: Int?

  @Option(help: ArgumentHelp("Threads (default: one a core).", valueName: "count"))
  var threads: Int?

  @OptionGroup var store: StoreOptions
  @OptionGroup var output: OutputOptions

  private struct Line: Encodable {
    var dataset: String
    var table: String?
    var losses: [String: LossReport.Line]
  }

  func validate() throws {
    for mode in mode where MemoryMode(rawValue: mode) == nil {
      throw ValidationError("unknown mode \(mode); use on, off or shuffled")
    }
    if table == nil, model == nil { throw ValidationError("give --table, or --model") }
    if all, heldOut != nil { throw ValidationError("give either --all or --held-out") }
    if let heldOut, !(heldOut > 0 && heldOut <= 1) {
      throw ValidationError("--held-out takes a share above 0, up to 1")
    }
    if let threads, !(1...1024).contains(threads) {
      throw ValidationError("--threads must be 1 to 1024")
    }
    if let evaluationTokens, evaluationTokens < 1 {
      throw ValidationError("--evaluation-tokens takes a number of tokens")
    }
  }

  func run() throws {
    let store = try store.open(.reading)
    let dataset = try Dataset(DatasetReference(parsing: dataset), in: store)
    let table = try table.map { try Table(TableReference(parsing: $0), in: store) }
    let trained = try readModel(table)
    let stream = try DatasetTokens(dataset, tokenizer: Tokenizer(path: tokenizer))
    let modes =
      table == nil
      ? [.on] : mode.isEmpty ? MemoryMode.allCases : mode.compactMap(MemoryMode.init)
    let options = trained.options
    let part =
      all ? nil : HeldOut(share: heldOut ?? options.heldOut, seed: seed ?? options.seed)
    let folder = NSTemporaryDirectory() + "engram-evaluate-\(UUID().uuidString)"
    Interruption.watch()
    let bar = ProgressBar("evaluating")
    defer {
      bar.clear()
      try? DurableFile.remove(folder)
    }
    let losses = try trained.evaluate(
      modes, on: stream, table: table, heldOut: part,
      limit: evaluationTokens ?? (all ? .max : options.evaluationTokens * 4),
      threads: threads ?? ProcessInfo.processInfo.activeProcessorCount, folder: folder
    ) { done, total in
      try Interruption.check()
      bar.show(share: Double(done) / Double(max(1, total)), detail: "")
    }
    bar.clear()
    let report = LossReport(losses: losses, hasMemory: table != nil)
    switch output.format {
    case .json:
      try JSONLine.print(
        Line(
          dataset: dataset.version.title,
          table: table.map { "\($0.manifest.name)@\($0.manifest.version)" },
          losses: report.lines))
    case .text: report.printText()
    }
  }

  private func readModel(_ table: Table?) throws -> TrainedModel {
    if let model { return try TrainedModel(readingFrom: model) }
    guard let table else { throw CommandError("give --table, or --model") }
    guard let model = try TrainedModel.besides(table) else {
      throw TrainingError.noModel(table: table.manifest.name)
    }
    return model
  }
}
