import Addressing
import ArgumentParser
import MemoryBuilder
import NgramCounts
import Tokenization

/// Frequent N-grams to a list.
struct MemoryGraftListCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list",
    abstract: "List the most frequent N-grams of counts for a model to compute vectors of.",
    discussion: """
      Writes JSON lines, the most frequent first: tokens, text and count. Where the counts are of \
      compressed tokens, each is shown as the lowest token id that has it: its commonest form.

        engram memory graft list counts --min-count 20 --top 100000 --orders 2-3 \\
          --tokenizer tokenizer.json --to ngrams.jsonl
      """)

  @Argument(help: ArgumentHelp("NAME or NAME@V of counts.", valueName: "counts"))
  var counts: String

  @Option(help: ArgumentHelp("Leave out what occurs less often.", valueName: "count"))
  var minCount: UInt64 = 2

  @Option(help: ArgumentHelp("How many at the most.", valueName: "count"))
  var top: Int

  @Option(
    help: ArgumentHelp("Orders: 3 or 2-3 (default: all that were counted).", valueName: "orders"))
  var orders: String?

  @Option(help: ArgumentHelp("The tokenizer that was counted with.", valueName: "file"))
  var tokenizer: String

  @Option(help: ArgumentHelp("The list to write.", valueName: "file"))
  var to: String

  @OptionGroup var store: StoreOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard top > 0 else { throw ValidationError("--top is a count, from 1") }
    guard orders == nil || Self.range(orders ?? "") != nil else {
      throw ValidationError("--orders is a number or two: 3 or 2-3")
    }
  }

  private struct Line: Encodable {
    var path: String
    var ngrams: Int
    var highestCount: UInt64
    var lowestCount: UInt64
  }

  func run() throws {
    let counts = try NgramCounts(CountsReference(parsing: counts), in: store.open(.reading))
    let tokenizer = try Tokenizer(path: tokenizer)
    let header = try GraftListHeader(of: counts, tokenizer: tokenizer)
    let counted = counts.manifest.subject.orders.range
    let found = try counts.top(
      orders: orders.flatMap(Self.range) ?? counted, count: top, minimumCount: minCount)
    guard let first = found.first, let last = found.last else {
      throw GraftError.empty(
        what: "no N-gram of \(counts.manifest.title) occurs \(minCount) times or more")
    }
    let map = try header.isMapped ? TokenMap(tokenizer: tokenizer) : nil
    var listed = header
    listed.ngrams = found.count
    try GraftListWriter(header: listed, tokenizer: tokenizer, map: map).write(found, to: to)
    switch output.format {
    case .json:
      try JSONLine.print(
        Line(path: to, ngrams: found.count, highestCount: first.count, lowestCount: last.count))
    case .text:
      print("\(to): \(found.count) N-grams that occur \(first.count) to \(last.count) times")
    }
  }

  /// Reads `3` or `2-3`.
  private static func range(_ text: String) -> ClosedRange<Int>? {
    let parts = text.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
    guard (1...2).contains(parts.count), let lower = parts[0], let upper = parts[parts.count - 1],
      lower >= 1, lower <= upper
    else { return nil }
    return lower...upper
  }
}
