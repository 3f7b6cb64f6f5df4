import Addressing
import ArgumentParser
import Foundation
import Fusion
import MemoryTraining
import Tokenization

/// The options that say what is trained: how tokens find rows, and how large everything is.
struct TrainedModelArguments: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "How tokens find rows: \(Self.presets).", valueName: "name"))
  var addressing = Addressing.Preset.deepseekV41.rawValue

  @Option(
    help: ArgumentHelp(
      "How rows join hidden states: \(Self.forms) (default: the addressing's).",
      valueName: "name"))
  var form: String?

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp(
      "The smallest number of rows of a column: one number, or one an order (default: 131072).",
      valueName: "rows"))
  var base: [UInt64] = []

  @Option(help: ArgumentHelp("The longest N-grams, 2 to 8.", valueName: "tokens"))
  var maxOrder: Int?

  @Option(help: ArgumentHelp("Columns an order, 1 to 64.", valueName: "count"))
  var heads: Int?

  @Option(help: ArgumentHelp("The seed of the hash's multipliers.", valueName: "number"))
  var hashSeed: UInt64?

  @Option(
    help: ArgumentHelp("The pad token; in qwen-ple, the end-of-sequence token.", valueName: "id"))
  var pad: Int32?

  @Option(
    help: ArgumentHelp(
      "The number of token ids that are addressed (default: the tokenizer's).",
      valueName: "count"))
  var vocabulary: Int?

  @Option(
    help: ArgumentHelp(
      "Numbers that the rows of one order hold together; its heads share them.",
      valueName: "numbers"))
  var dim = TrainingOptions().dimension

  @Option(help: ArgumentHelp("Width of the host's hidden states.", valueName: "numbers"))
  var width = TrainingOptions().width

  @Option(help: ArgumentHelp("Parallel residual streams of the host.", valueName: "count"))
  var branches = TrainingOptions().branches

  @Flag(help: "Train the host alone: what a memory is compared with.")
  var noMemory = false

  private static let presets = Addressing.Preset.allCases.map(\.rawValue).joined(separator: ", ")
  private static let forms = FusionForm.allCases.map(\.rawValue).joined(separator: ", ")

  func validate() throws {
    guard Addressing.Preset(rawValue: addressing) != nil else {
      throw ValidationError("unknown addressing \(addressing); use one of \(Self.presets)")
    }
    guard FusionForm(rawValue: form ?? addressing) != nil else {
      throw ValidationError("unknown form \(form ?? addressing); use one of \(Self.forms)")
    }
  }

  /// The addressing for a tokenizer; `nil` without a memory.
  func resolved(for tokenizer: Tokenizer) throws -> Addressing? {
    guard !noMemory else { return nil }
    var overrides = Addressing.Overrides()
    overrides.base = base.isEmpty ? nil : base
    overrides.maxOrder = maxOrder
    overrides.heads = heads
    overrides.seed = hashSeed
    overrides.padTokenID = pad
    overrides.vocabularySize = vocabulary
    return try Trainer.addressing(
      Addressing.Preset(named: addressing), overrides: overrides, tokenizer: tokenizer)
  }

  func apply(to options: inout TrainingOptions) {
    options.form = FusionForm(rawValue: form ?? addressing) ?? options.form
    options.dimension = dim
    options.width = width
    options.branches = branches
    options.hasMemory = !noMemory
  }
}

/// The options that say how it is trained.
struct LearningArguments: ParsableArguments {
  @Option(help: ArgumentHelp("How often the dataset is read.", valueName: "count"))
  var epochs = TrainingOptions().epochs

  @Option(
    help: ArgumentHelp(
      "End after so long, where that is earlier: seconds, or 2m, or 1.5h.", valueName: "time"))
  var timeLimit: String?

  @Option(help: ArgumentHelp("Tokens of a batch, of each thread.", valueName: "tokens"))
  var batch = TrainingOptions().batch

  @Option(
    help: ArgumentHelp("Neighbouring tokens that come into a batch.", valueName: "tokens"))
  var stretch: Int?

  @Option(
    help: ArgumentHelp("Tokens drawn to tell a batch's targets from.", valueName: "count"))
  var negatives = TrainingOptions().negatives

  @Option(help: ArgumentHelp("The learning rate of the host's embeddings.", valueName: "number"))
  var rate = TrainingOptions().rate

  @Option(help: ArgumentHelp("Rows learn so many times faster.", valueName: "factor"))
  var rowRateFactor = TrainingOptions().rowRateFactor

  @Option(
    help: ArgumentHelp("The fusion's weights learn at this part of it.", valueName: "factor"))
  var denseRateFactor = TrainingOptions().denseRateFactor

  @Option(help: ArgumentHelp("How the rate changes: \(Self.schedules).", valueName: "name"))
  var schedule = TrainingOptions().schedule.rawValue

  @Option(
    help: ArgumentHelp("The share of the run in which the rate rises.", valueName: "0..0.5"))
  var warmup = TrainingOptions().warmup

  @Option(help: ArgumentHelp("Longer gradients are shortened to this.", valueName: "length"))
  var clip = TrainingOptions().clip

  @Option(help: ArgumentHelp("Where all random numbers begin.", valueName: "number"))
  var seed = TrainingOptions().seed

  @Option(
    help: ArgumentHelp("The share of samples that is only predicted.", valueName: "0..1"))
  var heldOut = TrainingOptions().heldOut

  @Option(
    help: ArgumentHelp(
      "Held-out tokens that are predicted on the way; at the end four times as many.",
      valueName: "tokens"))
  var evaluationTokens = TrainingOptions().evaluationTokens

  @Option(help: ArgumentHelp("How often that is done.", valueName: "count"))
  var evaluations = TrainingOptions().evaluations

  @Option(
    help: ArgumentHelp("Time between checkpoints: seconds, or 2m, or 1.5h.", valueName: "time"))
  var checkpointEvery = "2m"

  @Option(
    help: ArgumentHelp(
      "Threads (default: one a core); one gives the same bits every time.", valueName: "count"))
  var threads: Int?

  private static let schedules = TrainingOptions.Schedule.allCases.map(\.rawValue)
    .joined(separator: ", ")

  func validate() throws {
    guard TrainingOptions.Schedule(rawValue: schedule) != nil else {
      throw ValidationError("unknown schedule \(schedule); use one of \(Self.schedules)")
    }
    for (name, text) in [("--time-limit", timeLimit), ("--checkpoint-every", checkpointEvery)] {
      if let text, TimeSpan.parse(text) == nil {
        throw ValidationError("\(name) takes a time above 0, such as 90, 2m or 1.5h")
      }
    }
    for (name, number) in [
      ("--rate", rate), ("--row-rate-factor", rowRateFactor),
      ("--dense-rate-factor", denseRateFactor), ("--clip", clip),
    ] where !(number > 0 && number.isFinite) {
      throw ValidationError("\(name) takes a number above 0")
    }
  }

  func apply(to options: inout TrainingOptions) {
    options.epochs = epochs
    options.timeLimit = timeLimit.flatMap(TimeSpan.parse)
    options.batch = batch
    options.stretch = stretch ?? min(options.stretch, batch)
    options.negatives = negatives
    options.rate = rate
    options.rowRateFactor = rowRateFactor
    options.denseRateFactor = denseRateFactor
    options.schedule = TrainingOptions.Schedule(rawValue: schedule) ?? options.schedule
    options.warmup = warmup
    options.clip = clip
    options.seed = seed
    options.heldOut = heldOut
    options.evaluationTokens = evaluationTokens
    options.evaluations = evaluations
    options.checkpointSeconds = TimeSpan.parse(checkpointEvery) ?? options.checkpointSeconds
    options.threads = threads ?? ProcessInfo.processInfo.activeProcessorCount
  }
}
