import ArgumentParser
import NgramCounts
import Tokenization

/// The most frequent N-grams.
struct CountsTopCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "top",
    abstract: "List the most frequent N-grams.",
    discussion: """
      Of equally frequent ones those come first whose tokens do.

        engram memory counts top corpus -n 20 --order 3 --tokenizer tokenizer.json
        engram memory counts corpus top --format json | head
      """)

  @Argument(help: ArgumentHelp("NAME or NAME@V.", valueName: "counts"))
  var counts: String

  @Option(name: .customShort("n"), help: ArgumentHelp("How many.", valueName: "count"))
  var count = 20

  @Option(help: ArgumentHelp("Tokens of an N-gram (default: the most there are).", valueName: "n"))
  var order: Int?

  @Option(help: ArgumentHelp("The tokenizer.json, to show text.", valueName: "file"))
  var tokenizer: String?

  @OptionGroup var store: StoreOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard (0...100_000_000).contains(count) else {
      throw ValidationError("-n takes a count, from 0 to 100000000")
    }
  }

  func run() throws {
    let counts = try NgramCounts(CountsReference(parsing: counts), in: store.open(.reading))
    let text = try tokenizer.map {
      try CountedText(counts.manifest, tokenizer: Tokenizer(path: $0))
    }
    let order = order ?? counts.manifest.subject.orders.upper
    let lines = try counts.top(order: order, n: count).map {
      CountLine(tokens: $0.tokens, count: $0.count, text: text?.text(of: $0.tokens))
    }
    try CountLine.print(lines, output.format)
  }
}

/// An N-gram, its count and, where a tokenizer is known, its text.
struct CountLine: Encodable {
  var tokens: [Int32]
  var count: UInt64
  var text: String?

  static func print(_ lines: [CountLine], _ format: OutputFormat) throws {
    switch format {
    case .json: for line in lines { try JSONLine.print(line) }
    case .text:
      guard let first = lines.first else { return }
      TextTable.print(
        [["count", "tokens"] + (first.text == nil ? [] : ["text"])]
          + lines.map {
            ["\($0.count)", $0.tokens.map(String.init).joined(separator: ",")]
              + ($0.text.map { [SingleLine.text($0.debugDescription)] } ?? [])
          })
    }
  }
}
