import Addressing
import MemoryTables
import NgramCounts
import Tokenization

/// A memory table as an explanation sees it: the rows of each N-gram of a text, and of others.
struct ExplainedMemory {
  /// How rows are found.
  private enum Rule {
    case hashed(NgramHasher, Addressing)
    case exact(ExactKeys)
  }

  /// The rows of the N-grams that end at a token.
  struct Position {
    /// By order: the rows, one a head; none where the table has none.
    var rows: [[Int64]]
    /// By order: how many tokens stand in the text.
    var inText: [Int]
    /// The order whose rows the token reads; `nil` where it reads all.
    var read: Int?
  }

  let table: Table
  let orders: ClosedRange<Int>
  let heads: Int
  /// The map that N-grams go through, if any.
  let map: TokenMap?
  private let rule: Rule

  /// - Throws: `ExplanationError.otherTokenizer`; `AddressingError` where the tokenizer's map is
  ///   not the table's; `TableError.notAddressed`.
  init(_ table: Table, tokenizer: Tokenizer) throws {
    self.table = table
    let given = tokenizer.identity.description
    if let exact = table.manifest.exact {
      if let expected = exact.tokenizer, expected != given {
        throw ExplanationError.otherTokenizer(
          table: Self.title(table), expected: expected, found: given)
      }
      map = exact.tokens == .mapped ? try TokenMap(tokenizer: tokenizer) : nil
      rule = .exact(try table.exactKeys(tokenMap: map))
      orders = exact.shortest...exact.longest
      heads = 1
      return
    }
    guard let addressing = table.manifest.addressing else {
      throw TableError.notAddressed(table: table.manifest.name)
    }
    if case .mapped = addressing.tokens {
      map = try TokenMap(tokenizer: tokenizer)
    } else {
      map = nil
    }
    rule = .hashed(try table.hasher(tokenMap: map), addressing)
    orders = 2...addressing.maxOrder
    heads = addressing.heads
  }

  static func title(_ table: Table) -> String {
    "\(table.manifest.name)@\(table.manifest.version)"
  }

  /// The numbers that N-grams are made of.
  func keys(_ tokens: [Int32]) throws -> [Int32] { try map?.map(tokens) ?? tokens }

  /// What each token of a text has.
  func positions(of tokens: [Int32]) throws -> [Position] {
    switch rule {
    case .hashed(let hasher, let addressing):
      let rows = try hasher.rows(for: tokens)
      var start = 0
      return tokens.indices.map { position in
        // What is before an end-of-sequence token does not stand in N-grams after it.
        if case .endOfSequence(let token) = addressing.boundary, position > 0,
          tokens[position - 1] == token
        {
          start = position - 1
        }
        let first = position * hasher.columns
        return Position(
          rows: orders.map { order in
            let column = first + (order - 2) * heads
            return Array(rows[column..<column + heads])
          },
          inText: orders.map { min($0, position - start + 1) })
      }
    case .exact(let keys):
      let read = try keys.matches(for: tokens)
      var byOrder: [[Int64]] = []
      for order in orders { byOrder.append(try rows(ofAll: order, in: tokens, keys)) }
      return tokens.indices.map { position in
        Position(
          rows: byOrder.map { rows in
            rows[position] == ExactKeys.noRow ? [] : [rows[position]]
          },
          inText: orders.map { min($0, position + 1) }, read: read[position].order)
      }
    }
  }

  /// The rows of all N-grams of an order, found or not, whatever longer ones there are.
  private func rows(ofAll order: Int, in tokens: [Int32], _ keys: ExactKeys) throws -> [Int64] {
    var result = [Int64](repeating: ExactKeys.noRow, count: tokens.count)
    guard tokens.count >= order else { return result }
    // Each N-gram as a document of its own.
    let positions = order - 1..<tokens.count
    let parts = positions.flatMap { tokens[$0 + 1 - order...$0] }
    let found = try keys.matches(
      for: parts, documentStarts: positions.indices.map { ($0 - order + 1) * order })
    for (index, position) in positions.enumerated() {
      let match = found[index * order + order - 1]
      if match.order == order { result[position] = match.row }
    }
    return result
  }

  /// The rule of the hashes of an order; `nil` for exact tables.
  func hash(order: Int) throws -> ColumnHash? {
    guard case .hashed(_, let addressing) = rule else { return nil }
    let edge = try keys([addressing.boundary.tokenID])[0]
    return ColumnHash(addressing, order: order, edge: edge)
  }

  /// The rows of counted N-grams of an order; none for those that are not in an exact table.
  ///
  /// - Parameter raw: turns counted numbers into token ids that have them.
  func rows(
    of ngrams: [[Int32]], order: Int, raw: ([Int32]) -> [Int32]
  ) throws -> [[Int64]] {
    if let hash = try hash(order: order) { return ngrams.map { hash.rows(of: $0) } }
    guard case .exact(let keys) = rule else { return [] }
    let found = try keys.matches(
      for: ngrams.flatMap(raw), documentStarts: ngrams.indices.map { $0 * order })
    return ngrams.indices.map { index in
      let match = found[index * order + order - 1]
      return match.order == order ? [match.row] : []
    }
  }

  /// Checks that counts are of the numbers that rows are found by.
  func check(_ counts: CountsManifest) throws {
    let rule = counts.subject.tokens
    guard rule.map != map?.identity.description else { return }
    func text(_ map: String?) -> String {
      map.map { "ids of map \($0.prefix(12))..." } ?? "raw ids"
    }
    throw ExplanationError.otherTokenRule(
      counts: counts.title, expected: text(map?.identity.description), found: text(rule.map),
      table: Self.title(table))
  }
}
