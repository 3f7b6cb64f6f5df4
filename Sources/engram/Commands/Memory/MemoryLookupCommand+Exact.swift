import Addressing
import Foundation
import MemoryTables
import Tokenization

/// Look-ups in exact tables: the longest N-gram that ends at each token.
extension MemoryLookupCommand {
  private struct ExactLine: Encodable {
    var position: Int
    var token: Int32
    var text: String?
    var match: Found?

    /// The N-gram that was found; null where there is no row.
    struct Found: Encodable {
      var order: Int
      var tokens: [Int32]
      var text: String?
      var row: Int64
      var norm: Float
      var first: [Float]
    }

    private enum CodingKeys: String, CodingKey { case position, token, text, match }

    func encode(to encoder: any Encoder) throws {
      var values = encoder.container(keyedBy: CodingKeys.self)
      try values.encode(position, forKey: .position)
      try values.encode(token, forKey: .token)
      try values.encodeIfPresent(text, forKey: .text)
      // A miss is said, not left out.
      try values.encode(match, forKey: .match)
    }
  }

  /// - Parameter map: what `--token-map` names; else the tokenizer's, else the table's own.
  func showExact(
    _ tokens: [Int32], of table: Table, tokenizer: Tokenizer?, map: TokenMap?
  ) throws {
    try check(tokenizer, of: table)
    let isMapped = table.manifest.exact?.tokens == .mapped
    let made = try isMapped && map == nil ? tokenizer.map { try TokenMap(tokenizer: $0) } : nil
    let keys = try table.exactKeys(tokenMap: map ?? made)
    let matches = try keys.matches(for: tokens)
    let (values, mask) = try table.gatherFloats(matches.map(\.row), misses: .zero)
    let dimension = table.manifest.dimension
    guard !raw else {
      let stored = try table.gather(matches.map(\.row).filter { $0 != ExactKeys.noRow })
      try writeRaw(stored, mask: mask, rowBytes: table.manifest.rowBytes)
      return
    }
    for (position, match) in matches.enumerated() {
      var line = ExactLine(
        position: position, token: tokens[position], text: tokenizer?.decode(tokens[position]))
      if mask[position] != 0 {
        let ngram = Array(tokens[position + 1 - match.order...position])
        let row = values[position * dimension..<(position + 1) * dimension]
        line.match = .init(
          order: match.order, tokens: ngram, text: tokenizer?.decode(ngram), row: match.row,
          norm: row.reduce(0) { $0 + $1 * $1 }.squareRoot(), first: Array(row.prefix(first)))
      }
      if output.format == .json {
        try JSONLine.print(line)
      } else {
        printText(line)
      }
    }
  }

  /// Another tokenizer's ids would find rows of other N-grams.
  private func check(_ tokenizer: Tokenizer?, of table: Table) throws {
    guard let tokenizer, let expected = table.manifest.exact?.tokenizer,
      tokenizer.identity.description != expected
    else { return }
    throw CommandError(
      "\(table.manifest.name) is of the tokenizer \(expected.prefix(12))..., the one given is "
        + "\(tokenizer.identity.description.prefix(12))...",
      hint: "give the tokenizer that its N-grams were listed with")
  }

  private func writeRaw(_ rows: [UInt8], mask: [UInt8], rowBytes: Int) throws {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(mask.count * rowBytes)
    var next = 0
    for isThere in mask {
      if isThere == 0 {
        bytes.append(contentsOf: repeatElement(0, count: rowBytes))
      } else {
        bytes.append(contentsOf: rows[next..<next + rowBytes])
        next += rowBytes
      }
    }
    try bytes.withUnsafeBytes { try StandardStreams.write($0) }
  }

  private func printText(_ line: ExactLine) {
    let text = line.text.map { " \($0.debugDescription)" } ?? ""
    print("token \(line.position): \(line.token)\(text)")
    guard let match = line.match else {
      print("  no row")
      return
    }
    let ngram =
      match.text?.debugDescription ?? match.tokens.map(String.init).joined(separator: ",")
    let numbers = match.first.map { String(format: "% .4g", $0) }
    print(
      "  \(match.order)-gram \(ngram)  row \(match.row)  norm "
        + "\(String(format: "%.4g", match.norm))  " + numbers.joined(separator: " "))
  }
}
