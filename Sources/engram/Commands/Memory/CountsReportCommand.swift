import ArgumentParser
import Datasets
import Foundation
import NgramCounts
import Storage
import TokenStreams
import Tokenization

/// What counts say about a corpus, and how large a memory of it must be.
struct CountsReportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report",
    abstract: "Show totals, the Zipf curve, and what the most frequent N-grams cover.",
    discussion: """
      With --tokenizer, N-grams are counted that took no part: those of --held-out, a dataset, or \
      of the samples that `memory count --held-out` left out. How many of them the most frequent K \
      cover says how large a cache of K rows has to be.

        engram memory counts report corpus --plot zipf.svg
        engram memory counts corpus report --tokenizer tokenizer.json
        engram memory counts corpus report --held-out other --tokenizer tokenizer.json
      """)

  @Argument(help: ArgumentHelp("NAME or NAME@V.", valueName: "counts"))
  var counts: String

  @Option(help: ArgumentHelp("Draw the Zipf curve, .png or .svg.", valueName: "file"))
  var plot: String?

  @Option(help: ArgumentHelp("A dataset, NAME or NAME@V, to cover.", valueName: "dataset"))
  var heldOut: String?

  @Option(help: ArgumentHelp("The tokenizer.json.", valueName: "file"))
  var tokenizer: String?

  @OptionGroup var resources: CountResources
  @OptionGroup var store: StoreOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard heldOut == nil || tokenizer != nil else {
      throw ValidationError("--held-out needs --tokenizer")
    }
  }

  private static let sizes: [UInt64] = [1_000, 10_000, 100_000, 1_000_000, 10_000_000]

  func run() throws {
    let store = try store.open(.reading)
    let counts = try NgramCounts(CountsReference(parsing: counts), in: store)
    Interruption.watch()
    let bar = CountProgressBar()
    defer { bar.clear() }
    let counting = try heldOutCounting(counts, in: store)
    var frequencies: [Int: CountFrequencies] = [:]
    for order in counts.manifest.subject.orders.range {
      frequencies[order] = try counts.frequencies(order: order)
      try Interruption.check()
    }
    let coverage = try counting.map {
      try counts.coverage(
        of: $0, most: Self.sizes, frequencies: frequencies, work: resources.work
      ) { try bar.update($0) }
    }
    bar.clear()
    let report = CountReport(
      counts.manifest, frequencies: frequencies, sizes: Self.sizes,
      heldOut: counting.map { heldOut == nil ? "held-out samples" : $0.subject.dataset.title },
      coverage: coverage)
    if let plot { try report.chart.write(to: plot) }
    switch output.format {
    case .json: try JSONLine.print(report.line)
    case .text: report.printText()
    }
  }

  /// How the held-out part is counted; `nil` where there is none.
  private func heldOutCounting(
    _ counts: NgramCounts, in store: Store
  ) throws -> NgramCounting? {
    let subject = counts.manifest.subject
    guard let tokenizer else { return nil }
    guard heldOut != nil || subject.heldOut != nil else {
      throw CommandError(
        "no samples were held out of \(counts.manifest.title)",
        hint: "name a dataset with --held-out, or leave --tokenizer away")
    }
    let selection: NgramCounting.Selection
    let dataset: Dataset
    if let heldOut {
      dataset = try Dataset(DatasetReference(parsing: heldOut), in: store)
      selection = .all
    } else {
      let stamp = subject.dataset
      dataset = try Dataset(
        DatasetReference(name: stamp.name, version: stamp.version), in: store)
      guard dataset.manifest.identity == stamp.identity, let rule = subject.heldOut?.rule else {
        throw CommandError(
          "\(stamp.title) is not what was counted", hint: "name a dataset with --held-out")
      }
      selection = .only(rule)
    }
    return try NgramCounting(
      dataset: dataset, tokenizer: Tokenizer(path: tokenizer), orders: subject.orders.range,
      mapped: subject.tokens.kind == .mapped, memory: resources.bytes, threads: resources.threads,
      selection: selection)
  }
}
