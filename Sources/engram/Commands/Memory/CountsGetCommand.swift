import ArgumentParser
import NgramCounts
import Tokenization

/// Counts of single N-grams.
struct CountsGetCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "get",
    abstract: "Say how often an N-gram, or each of a text's, occurs.",
    discussion: """
      A text of more tokens than the longest N-gram is taken apart into all of its N-grams.

        engram memory counts get corpus --text "Alexander the Great" --tokenizer tokenizer.json
        engram memory counts corpus get --tokens 17,4
      """)

  @Argument(help: ArgumentHelp("NAME or NAME@V.", valueName: "counts"))
  var counts: String

  @Option(help: ArgumentHelp("A text; needs --tokenizer.", valueName: "text"))
  var text: String?

  // Unconditional: a negative number is a wrong id, not an option.
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Tokens as they were counted, separated by commas: compressed ids, unless the counts are of "
        + "raw ones.", valueName: "ids"))
  var tokens: String?

  @Option(help: ArgumentHelp("The tokenizer.json.", valueName: "file"))
  var tokenizer: String?

  @OptionGroup var store: StoreOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard (text == nil) != (tokens == nil) else {
      throw ValidationError("give one of --text and --tokens")
    }
    guard text == nil || tokenizer != nil else { throw ValidationError("--text needs --tokenizer") }
  }

  func run() throws {
    let counts = try NgramCounts(CountsReference(parsing: counts), in: store.open(.reading))
    let names = try tokenizer.map {
      try CountedText(counts.manifest, tokenizer: Tokenizer(path: $0))
    }
    let ids: [Int32]
    if let text, let names {
      ids = try names.tokens(of: text)
    } else {
      ids = try (tokens ?? "").split(separator: ",", omittingEmptySubsequences: false).map { part in
        guard let id = Int32(part.filter { $0 != " " }) else {
          throw CommandError(
            "--tokens has \"\(part)\" where a number is expected",
            hint: "separate numbers by commas: 1,2,3")
        }
        return id
      }
    }
    let lines = try Self.parts(of: ids, orders: counts.manifest.subject.orders.range).map {
      CountLine(tokens: $0, count: try counts.count(of: $0), text: names?.text(of: $0))
    }
    try CountLine.print(lines, output.format)
  }

  /// The tokens themselves where they are no longer than an N-gram, else all N-grams.
  private static func parts(of ids: [Int32], orders: ClosedRange<Int>) -> [[Int32]] {
    guard ids.count > orders.upperBound else { return [ids] }
    return ids.indices.flatMap { start in
      orders.filter { start + $0 <= ids.count }.map { Array(ids[start..<start + $0]) }
    }
  }
}
