import ArgumentParser
import Datasets
import Files
import MemoryTraining
import Storage
import TokenStreams
import Tokenization

/// `engram bench train`: how fast a memory learns, and what it is worth.
struct BenchTrainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train",
    abstract: "Measure training a memory: tokens a second, and the held-out loss it ends with.",
    discussion: """
      Speed: tokens a second with a host of --width, N-gram orders from 2, eight heads each, on \
      one thread and on --threads. Quality: nats a token on held-out documents of a unigram, a \
      Kneser-Ney trigram, the host trained alone, and the host with the memory on, off, shuffled, \
      and as published tables have it; all of the same tokens. Last, rows are gathered from the \
      trained table, and from one of the same shape that was brought in. fastText's speed: \
      Tools/peers/train_peers.py; Tools/bench runs both.

        engram bench train linux-doc --tokenizer tokenizer.json --only speed
        engram bench train linux-doc --tokenizer tokenizer.json --only quality --max-order 4
      """)

  /// What is measured.
  enum Part: String, ExpressibleByArgument, CaseIterable {
    case speed
    case quality
  }

  @Argument(help: ArgumentHelp("NAME or NAME@V.", valueName: "dataset"))
  var dataset: String

  @Option(help: ArgumentHelp("A model's tokenizer.json (byte-level BPE).", valueName: "file"))
  var tokenizer: String

  @Option(help: "What to measure (default: all).")
  var only: Part?

  @Option(help: ArgumentHelp("Width of the host's hidden states.", valueName: "numbers"))
  var width = 64

  @Option(
    help: ArgumentHelp("Numbers of an order's eight heads together.", valueName: "numbers"))
  var dim = 128

  @Option(help: ArgumentHelp("The smallest bucket size of a column.", valueName: "rows"))
  var base: UInt64 = 1 << 17

  @Option(help: ArgumentHelp("The longest N-grams, 2 to 8.", valueName: "tokens"))
  var maxOrder = 3

  @Option(help: ArgumentHelp("How often quality reads the corpus.", valueName: "count"))
  var epochs = 1

  @Option(help: ArgumentHelp("The share of documents held out.", valueName: "0..1"))
  var heldOut = 0.01

  @Option(help: ArgumentHelp("The base learning rate (default: training's).", valueName: "number"))
  var rate: Float?

  @Option(help: ArgumentHelp("Most threads.", valueName: "count"))
  var threads = 2

  @Option(help: ArgumentHelp("How long a run for speed is.", valueName: "seconds"))
  var seconds = 20.0

  @Option(help: ArgumentHelp("Runs for speed; the median counts.", valueName: "count"))
  var rounds = 3

  @Option(
    help: ArgumentHelp("Where to work (default: a temporary folder).", valueName: "folder"))
  var folder: String?

  @OptionGroup var store: StoreOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard (1...1024).contains(threads), (1...99).contains(rounds), seconds > 0 else {
      throw ValidationError("--threads, --rounds and --seconds must be positive")
    }
  }

  func run() throws {
    Interruption.watch()
    let dataset = try Dataset(
      DatasetReference(parsing: dataset), in: try store.open(.reading))
    let stream = try DatasetTokens(dataset, tokenizer: Tokenizer(path: tokenizer))
    let work = try folder.map { $0 + "/train-bench" } ?? TemporaryFolder.create()
    defer { try? DurableFile.remove(work) }
    try DurableFile.createFolder(work)
    var options = TrainingOptions()
    options.width = width
    options.dimension = dim
    options.epochs = epochs
    options.heldOut = heldOut
    options.threads = threads
    if let rate { options.rate = rate }
    // The held-out part is predicted at the end, all of it.
    options.evaluations = 1
    options.evaluationTokens = 1
    let bench = TrainBench(
      stream: stream, options: options, base: base, maxOrder: maxOrder, folder: work,
      report: BenchReport(format: output.format))
    if only != .quality {
      try bench.measureSpeed(
        threads: threads == 1 ? [1] : [1, threads], seconds: seconds, rounds: rounds)
    }
    if only != .speed { try bench.measureQuality() }
  }
}
