import MemoryTables

/// An explanation in the making: what is asked of the table and of the counts is asked once for
/// all N-grams that are equal.
struct ExplanationDraft {
  let text: TokenText
  let memory: ExplainedMemory
  /// The numbers that N-grams are made of, one a token.
  let keys: [Int32]
  var tokens: [Explanation.Token]
  /// For each number that N-grams are made of, the first token id that has it.
  let originals: [Int32]
  /// By row id.
  private let values: [Int64: [Float]]
  private let positions: [ExplainedMemory.Position]

  /// Reads the rows of a text.
  init(_ text: TokenText, _ memory: ExplainedMemory) throws {
    self.text = text
    self.memory = memory
    keys = try memory.keys(text.ids)
    positions = try memory.positions(of: text.ids)
    let ids = Set(positions.flatMap { $0.rows.joined() }).sorted()
    let dimension = memory.table.manifest.dimension
    let numbers = try memory.table.gatherFloats(ids)
    var values: [Int64: [Float]] = [:]
    for (index, id) in ids.enumerated() {
      values[id] = Array(numbers[index * dimension..<(index + 1) * dimension])
    }
    self.values = values
    originals =
      memory.map?.withUnsafeCompressedIDs { ids in
        var originals: [Int32] = []
        // New ones come in ascending order.
        for (token, id) in ids.enumerated() where Int(id) == originals.count {
          originals.append(Int32(token))
        }
        return originals
      } ?? []
    tokens = []
    for token in text.ids.indices { tokens.append(describe(token)) }
  }

  private func describe(_ token: Int) -> Explanation.Token {
    let position = positions[token]
    var ngrams: [Explanation.Ngram] = []
    for (index, order) in memory.orders.enumerated() {
      let inText = position.inText[index]
      // Rows of exact tables are of N-grams that stand in the text.
      guard inText == order || position.read == nil else { continue }
      let rows = position.rows[index]
      ngrams.append(
        Explanation.Ngram(
          order: order, first: token + 1 - inText, padding: order - inText,
          text: text.text(token + 1 - inText..<token + 1), isFound: !rows.isEmpty,
          isRead: !rows.isEmpty && (position.read == nil || position.read == order),
          norm: EuclideanNorm.of(vector(rows)[...]),
          rows: rows.map {
            .init(id: $0, norm: EuclideanNorm.of((values[$0] ?? [])[...]))
          }))
    }
    let read = ngrams.filter(\.isRead).flatMap { $0.rows.map(\.id) }
    let range = text.ranges[token]
    return Explanation.Token(
      id: text.ids[token], compressed: memory.map == nil ? nil : keys[token],
      text: text.text(token..<token + 1), bytes: text.hexadecimal(token),
      start: text.isUnchanged ? range.lowerBound : nil,
      end: text.isUnchanged ? range.upperBound : nil,
      norm: EuclideanNorm.of(vector(read)[...]), ngrams: ngrams)
  }

  /// Some rows, one after another.
  func vector(_ rows: [Int64]) -> [Float] { rows.flatMap { values[$0] ?? [] } }

  /// The rows of all columns of all tokens, [tokens, columns x dimension].
  func tokenRows() -> [Float] { positions.flatMap { vector(Array($0.rows.joined())) } }

  /// The numbers of an N-gram; `nil` where it reaches before the beginning.
  func key(of ngram: Explanation.Ngram) -> [Int32]? {
    guard ngram.padding == 0 else { return nil }
    return Array(keys[ngram.first..<ngram.first + ngram.order])
  }

  /// Calls `body` with each N-gram of an order.
  mutating func forEachNgram(
    order: Int, _ body: (inout Explanation.Ngram) throws -> Void
  ) rethrows {
    for token in tokens.indices {
      for index in tokens[token].ngrams.indices where tokens[token].ngrams[index].order == order {
        try body(&tokens[token].ngrams[index])
      }
    }
  }
}
