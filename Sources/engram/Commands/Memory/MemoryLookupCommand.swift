import Addressing
import ArgumentParser
import Foundation
import MemoryTables
import Tokenization

/// Rows of a text's tokens, column by column.
struct MemoryLookupCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "lookup",
    abstract: "Look up the rows of a text, of tokens, or by number.",
    discussion: """
      Prints for each token its row in every column (N-gram order and head) with its norm and \
      first numbers; of an exact table the longest N-gram that ends at the token, or that there is \
      no row. Every row is checked on the way.

        engram memory lookup deepseek-v4.1/layer1 --text "Alexander the Great" \\
          --tokenizer tokenizer.json
        engram memory lookup deepseek-v4.1/layer1 --tokens 22898,19737,270 --format json
        engram memory lookup deepseek-v4.1/layer1 --rows 0,17 --raw | xxd | head
      """)

  @Argument(help: ArgumentHelp("NAME or NAME@V.", valueName: "table"))
  var table: String

  @Option(help: ArgumentHelp("A text; needs --tokenizer.", valueName: "text"))
  var text: String?

  // Unconditional: a negative number is a wrong id, not an option.
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Token ids, separated by commas.", valueName: "ids"))
  var tokens: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Row ids, separated by commas.", valueName: "ids"))
  var rows: String?

  @OptionGroup var source: TokenSourceOptions

  @Option(help: ArgumentHelp("Numbers of each row to print.", valueName: "count"))
  var first = 4

  @Flag(
    help: ArgumentHelp(
      "Write the rows' bytes to standard output, one after another.",
      discussion: "Where an exact table has no row these are zeros."))
  var raw = false

  @OptionGroup var store: StoreOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard [text, tokens, rows].filter({ $0 != nil }).count == 1 else {
      throw ValidationError("give one of --text, --tokens and --rows")
    }
    guard text == nil || source.tokenizer != nil else {
      throw ValidationError("--text needs --tokenizer")
    }
    guard (0...1 << 20).contains(first) else {
      throw ValidationError("--first is a count of numbers, from 0")
    }
  }

  func run() throws {
    let table = try Table(TableReference(parsing: table), in: store.open(.reading))
    if let rows {
      try show(try Self.numbers(rows, "--rows"), tokens: nil, of: table, text: nil)
      return
    }
    let tokenizer = try source.tokenizer.map { try Tokenizer(path: $0) }
    let ids: [Int32]
    if let text, let tokenizer {
      ids = try tokenizer.encode(text)
    } else {
      ids = try Self.numbers(tokens ?? "", "--tokens").map { number in
        guard let id = Int32(exactly: number) else {
          throw CommandError("\(number) is no token id")
        }
        return id
      }
    }
    if table.manifest.exact != nil {
      let map = try source.tokenMap.map { try TokenMap(readingFrom: $0) }
      try showExact(ids, of: table, tokenizer: tokenizer, map: map)
      return
    }
    let hasher = try table.hasher(tokenMap: try tokenMap(for: table, tokenizer: tokenizer))
    try show(try hasher.rows(for: ids), tokens: ids, of: table) {
      tokenizer?.decode($0)
    }
  }

  /// The map of the options; where the table has one and no tokenizer was given, the table's.
  private func tokenMap(for table: Table, tokenizer: Tokenizer?) throws -> TokenMap? {
    guard let addressing = table.manifest.addressing, case .mapped = addressing.tokens else {
      return nil
    }
    if let path = source.tokenMap { return try TokenMap(readingFrom: path) }
    return try tokenizer.map { try TokenMap(tokenizer: $0) }
  }

  private struct Line: Encodable {
    var position: Int?
    var token: Int32?
    var text: String?
    var rows: [Int64]
    var norms: [Float]
    var first: [[Float]]
  }

  private func show(
    _ rows: [Int64], tokens: [Int32]?, of table: Table, text: ((Int32) -> String?)?
  ) throws {
    // Everything is read before anything is printed: a corrupt row prints nothing.
    guard !raw else {
      try table.gather(rows).withUnsafeBytes { try StandardStreams.write($0) }
      return
    }
    let columns = tokens == nil ? 1 : table.manifest.addressing?.columns ?? 1
    let dimension = table.manifest.dimension
    let values = try table.gatherFloats(rows)
    let shown = min(first, dimension)
    let lines = (0..<(rows.count / columns)).map { position in
      let part = (position * columns)..<((position + 1) * columns)
      return Line(
        position: tokens == nil ? nil : position, token: tokens?[position],
        text: tokens.flatMap { text?($0[position]) }, rows: Array(rows[part]),
        norms: part.map { row in
          values[(row * dimension)..<((row + 1) * dimension)].reduce(0) { $0 + $1 * $1 }
            .squareRoot()
        },
        first: part.map { Array(values[($0 * dimension)..<($0 * dimension + shown)]) })
    }
    for line in lines {
      if output.format == .json {
        try JSONLine.print(line)
      } else {
        printText(line, of: table)
      }
    }
  }

  private func printText(_ line: Line, of table: Table) {
    if let token = line.token, let position = line.position {
      let text = line.text.map { " \($0.debugDescription)" } ?? ""
      print("token \(position): \(token)\(text)")
    }
    let heads = table.manifest.addressing?.heads ?? 1
    for (column, row) in line.rows.enumerated() {
      let place =
        line.token == nil ? "" : "  \(column / heads + 2)-gram head \(column % heads)  "
      let numbers = line.first[column].map { String(format: "% .4g", $0) }
      print(
        "\(place)row \(row)  norm \(String(format: "%.4g", line.norms[column]))  "
          + numbers.joined(separator: " "))
    }
  }

  private static func numbers(_ text: String, _ option: String) throws -> [Int64] {
    try text.split(separator: ",", omittingEmptySubsequences: false).map { part in
      guard let number = Int64(part.trimmingCharacters(in: .whitespaces)) else {
        throw CommandError(
          "\(option) has \"\(part)\" where a number is expected",
          hint: "separate numbers by commas: 1,2,3")
      }
      return number
    }
  }
}
