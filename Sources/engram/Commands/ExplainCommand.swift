import ArgumentParser
import Checkpoints
import Datasets
import Files
import Foundation
import Fusion
import MemoryExplanation
import MemoryTables
import MemoryTraining
import NgramCounts
import Retrieval
import Safetensors
import Storage
import Tokenization

/// `engram explain`: what a memory holds for a text, and where it came from.
struct ExplainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "explain",
    abstract: "Show what a memory holds for a text, and where that came from.",
    discussion: """
      For each token: the N-grams that end there, their rows and norms, how far the gate opens. \
      With --counts also how often each N-gram was seen, which others share its rows, and which \
      frequent ones have rows that point the same way; with --dataset the passages in which it \
      stands. Gates of a trained table are those of the model that was trained with it; of other \
      tables, give --model. --html writes all of it as one page that needs nothing else.

        engram explain "the device driver" --memory docs-memory --tokenizer tokenizer.json
        engram explain "the device driver" --memory docs-memory --tokenizer tokenizer.json \\
          --counts docs --dataset docs --html driver.html
        engram explain --file paragraph.txt --memory docs-memory --tokenizer tokenizer.json \\
          --format json | jq .tokens[0]
      """)

  @Argument(help: ArgumentHelp("The text.", valueName: "text"))
  var text: String?

  @Option(
    help: ArgumentHelp("A file with the text; - is standard input.", valueName: "file"))
  var file: String?

  @Option(help: ArgumentHelp("The memory's table, NAME or NAME@V.", valueName: "table"))
  var memory: String

  @Option(help: ArgumentHelp("The model's tokenizer.json (byte-level BPE).", valueName: "file"))
  var tokenizer: String

  @Option(
    help: ArgumentHelp(
      "Counts of a corpus, NAME or NAME@V (see memory count).", valueName: "counts"))
  var counts: String?

  @Option(
    help: ArgumentHelp(
      "The dataset whose passages are shown, NAME or NAME@V.", valueName: "dataset"))
  var dataset: String?

  @Option(
    help: ArgumentHelp(
      "Near rows that are shown of each N-gram; 0 for none.", valueName: "count"))
  var nearest = 5

  @Option(
    help: ArgumentHelp(
      "Compare with so many of the most frequent N-grams of each order.", valueName: "count"))
  var nearestAmong = 20_000

  @Option(help: ArgumentHelp("Passages that are shown of each N-gram.", valueName: "count"))
  var passages = 3

  @Option(
    help: ArgumentHelp(
      "The model folder with the fusion weights, or a model.safetensors of memory train.",
      valueName: "path"))
  var model: String?

  @Option(
    help: ArgumentHelp(
      "Hidden states for --model: tensor `hidden` [tokens, branches, width].", valueName: "file"))
  var hidden: String?

  @Option(
    help: ArgumentHelp("Seed of the hidden states where none are known.", valueName: "number"))
  var seed: UInt64 = 0

  @Option(help: ArgumentHelp("Write a page for a browser.", valueName: "file"))
  var html: String?

  @OptionGroup var store: StoreOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard (text == nil) != (file == nil) else {
      throw ValidationError("give either a text or --file")
    }
    guard (0...100).contains(nearest), (0...100).contains(passages) else {
      throw ValidationError("--nearest and --passages take counts up to 100")
    }
    guard (1...1_000_000).contains(nearestAmong) else {
      throw ValidationError("--nearest-among takes a count up to 1000000")
    }
    guard hidden == nil || model.map({ !$0.hasSuffix(".safetensors") }) == true else {
      throw ValidationError("--hidden needs --model with a model folder")
    }
  }

  func run() throws {
    let bytes = try textBytes()
    let store = try store.open(.reading)
    let table = try Table(TableReference(parsing: memory), in: store)
    var explainer = try Explainer(table, tokenizer: Tokenizer(path: tokenizer))
    explainer.limits.nearest = nearest
    explainer.limits.nearestAmong = nearestAmong
    explainer.limits.passages = passages
    if let counts {
      try explainer.use(NgramCounts(CountsReference(parsing: counts), in: store))
    }
    if let dataset {
      explainer.passages = try passageFinder(
        dataset, in: store, tokenizer: explainer.tokenizer)
    }
    explainer.gates = try gateSource(of: table, tokenizer: explainer.tokenizer)
    Interruption.watch()
    let bars = WorkBars()
    defer { bars.clear() }
    let explanation = try explainer.explain(utf8: bytes, progress: bars.show)
    bars.clear()
    if let html { try ExplanationPage(explanation).write(to: html) }
    switch output.format {
    case .json: try JSONLine.print(explanation)
    case .text: ExplanationPrinter(explanation).print()
    }
    if let html { StandardStreams.note("the page is \(html)") }
  }

  /// The most bytes of text that are read: far more than is explained at once.
  private static let textLimit = 1 << 20

  private func textBytes() throws -> [UInt8] {
    if let file {
      let handle = file == "-" ? FileHandle.standardInput : FileHandle(forReadingAtPath: file)
      guard let handle else { throw CommandError("cannot open \(file)", hint: "check the path") }
      // An empty file gives nil; a folder opens and cannot be read.
      guard let data = try? handle.read(upToCount: Self.textLimit + 1) ?? Data() else {
        throw CommandError("cannot read \(file)", hint: "give a file with text")
      }
      guard data.count <= Self.textLimit else {
        throw CommandError(
          "\(file) has more than \(Self.textLimit) bytes", hint: "give a part of it")
      }
      return Array(data)
    }
    // What is not UTF-8 was replaced before it came here.
    for index in 0..<Int(CommandLine.argc) {
      guard let argument = CommandLine.unsafeArgv[index] else { break }
      guard String(validatingCString: argument) != nil else {
        throw CommandError("argument \(index) is not UTF-8", hint: "convert the text first")
      }
    }
    return Array((text ?? "").utf8)
  }

  private func passageFinder(
    _ dataset: String, in store: Store, tokenizer: Tokenizer
  ) throws -> (dataset: String, finder: any PassageFinding) {
    let index = try SearchIndex(
      DatasetReference(parsing: dataset), in: store, tokenizer: tokenizer)
    return (index.title, index)
  }

  /// What opens the gates; `nil` where no weights are known.
  private func gateSource(of table: Table, tokenizer: Tokenizer) throws -> GateSource? {
    guard let model else {
      guard table.manifest.exact == nil, let trained = try TrainedModel.besides(table) else {
        return nil
      }
      return try Self.source(trained, of: table, tokenizer: tokenizer)
    }
    if model.hasSuffix(".safetensors") {
      return try Self.source(
        TrainedModel(readingFrom: model), of: table, tokenizer: tokenizer)
    }
    guard let addressing = table.manifest.addressing else {
      if table.manifest.exact != nil { throw TableError.notHashed(table: table.manifest.name) }
      throw TableError.notAddressed(table: table.manifest.name)
    }
    let weights = try CheckpointFolder(path: model).fusionWeights(layer: addressing.layer)
    let shape = [weights.branches, weights.width]
    if let hidden {
      return GateSource(weights: weights, origin: hidden) {
        try SafetensorsFile(path: hidden).floats(of: "hidden", shape: [$0.count] + shape)
      }
    }
    let seed = seed
    return GateSource(weights: weights, origin: "random numbers, seed \(seed)") {
      SeededStates.normal(count: $0.count * shape[0] * shape[1], seed: seed)
    }
  }

  private static func source(
    _ trained: TrainedModel, of table: Table, tokenizer: Tokenizer
  ) throws -> GateSource? {
    guard let fusion = trained.fusion else { return nil }
    let found = tokenizer.identity.description
    guard trained.tokenizer == found else {
      throw ExplanationError.otherTokenizer(
        table: table.manifest.name, expected: trained.tokenizer, found: found)
    }
    return GateSource(weights: try fusion.weights(), origin: "the host model of its training") {
      try trained.hiddenStates(of: $0)
    }
  }
}
