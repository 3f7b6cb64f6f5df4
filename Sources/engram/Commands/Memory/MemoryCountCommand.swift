import ArgumentParser
import Dispatch
import NgramCounts
import Storage

/// Counts the N-grams of a dataset.
struct MemoryCountCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "count",
    abstract: "Count every N-gram of a dataset's tokens.",
    discussion: """
      Tokens are compressed as Engram tables address them, unless --raw-tokens is given; N-grams do \
      not cross the ends of documents. Memory stays within --memory: what does not fit is sorted, \
      written to disk and merged in the end. Stopped or killed, nothing has changed.

        engram memory count corpus --tokenizer tokenizer.json --as corpus
        engram memory count corpus@2 --tokenizer tokenizer.json --orders 2-3 --held-out 1% \\
          --memory 1G --as corpus/pairs
        engram memory counts corpus top
      """)

  @OptionGroup var options: CountOptions

  @Option(name: .customLong("as"), help: ArgumentHelp("The counts' name.", valueName: "name"))
  var name: String

  @OptionGroup var store: StoreOptions
  @OptionGroup var output: OutputOptions

  func run() throws {
    // A dataset is only in a store that is there: a misspelt folder does not become one.
    _ = try store.open(.reading)
    let store = try store.open(.writing)
    Interruption.watch()
    let start = DispatchTime.now()
    let counting = try options.counting(in: store)
    let bar = CountProgressBar()
    defer { bar.clear() }
    let counts = try counting.publish(as: name, in: store, work: options.resources.work) {
      try bar.update($0)
    }
    bar.clear()
    try CountSummary(counts, in: store, seconds: ProgressBar.seconds(since: start)).print(output)
  }
}

/// What was published, for people or programs.
struct CountSummary {
  private let counts: PublishedCounts
  private let manifest: CountsManifest
  private let seconds: Double

  private struct Line: Encodable {
    struct Order: Encodable {
      var order: Int
      var distinct: UInt64
      var total: UInt64
      var singletons: UInt64
    }
    var name: String
    var version: Int
    var identity: String
    var content: String
    var dataset: String
    var tokenizer: String
    var orders: [Order]
    var seconds: Double
  }

  init(_ counts: PublishedCounts, in store: Store, seconds: Double) throws {
    self.counts = counts
    self.seconds = seconds
    manifest = try CountsManifest.published(counts, in: store)
  }

  func print(_ output: OutputOptions) throws {
    switch output.format {
    case .json:
      try JSONLine.print(
        Line(
          name: counts.name, version: counts.version, identity: counts.identity,
          content: manifest.content, dataset: manifest.subject.dataset.title,
          tokenizer: manifest.subject.tokenizer.sha256,
          orders: manifest.orders.map {
            .init(
              order: $0.order, distinct: $0.distinct, total: $0.total, singletons: $0.singletons)
          }, seconds: seconds))
    case .text:
      Swift.print("counted \(counts.title)  identity \(counts.identity)")
      for order in manifest.orders {
        Swift.print(
          "\(order.order)-grams: \(order.total), \(order.distinct) different, "
            + "\(order.singletons) of them once")
      }
      Swift.print("in \((seconds * 10).rounded() / 10) s")
    }
  }
}
