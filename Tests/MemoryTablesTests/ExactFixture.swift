import Addressing
import Files
import Foundation
import MemoryTables
import SeededRandom
import Storage

/// An exact table `t` of seeded N-grams over few tokens, so that many of them occur in any text.
struct ExactFixture {
  let store: StoreFixture
  /// Each N-gram with its row.
  let rows: [[Int32]: Int64]
  let orders: ClosedRange<Int>
  let vocabulary: Int32
  let source = NumberedRows(rowBytes: 32)

  init(
    seed: UInt64, orders: ClosedRange<Int> = 1...4, count: Int = 2000, vocabulary: Int32 = 9
  )
    throws
  {
    var generator = SeededGenerator(seed: seed)
    var ngrams: Set<[Int32]> = []
    for _ in 0..<count {
      let order = Int.random(in: orders, using: &generator)
      ngrams.insert((0..<order).map { _ in Int32.random(in: 0..<vocabulary, using: &generator) })
    }
    let sorted = ngrams.sorted { $0.lexicographicallyPrecedes($1) }
    rows = Dictionary(uniqueKeysWithValues: sorted.enumerated().map { ($1, Int64($0)) })
    self.orders = orders
    self.vocabulary = vocabulary
    store = try StoreFixture()
    try store.publish(draft(NgramList(sorted)), source)
  }

  func draft(_ ngrams: NgramList, map: TokenMap? = nil) -> TableDraft {
    TableDraft(
      name: "t", rows: ngrams.count, dimension: 8, codec: .float32,
      exact: ExactIndex(
        ngrams: ngrams, tokens: map.map { .mapped(by: $0) } ?? .raw(vocabulary: Int(vocabulary))),
      source: .init(kind: "vectors"))
  }

  /// A text of seeded tokens.
  func text(_ count: Int, using generator: inout SeededGenerator) -> [Int32] {
    (0..<count).map { _ in Int32.random(in: 0..<vocabulary, using: &generator) }
  }

  /// What a search must find, by a dictionary.
  func expected(_ tokens: [Int32], documentStarts: [Int] = []) -> [ExactKeys.Match] {
    tokens.indices.map { position in
      let start = documentStarts.filter { $0 <= position }.max() ?? 0
      for order in stride(from: orders.upperBound, through: 1, by: -1)
      where position + 1 - order >= start {
        if let row = rows[Array(tokens[position + 1 - order...position])] {
          return .init(row: row, order: order)
        }
      }
      return .none
    }
  }
}
