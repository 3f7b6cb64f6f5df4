import Addressing
import NgramCounts

/// Which counted N-grams have one of some rows: found in one pass over all of an order.
struct ColumnSharing {
  /// What shares a row.
  struct Sharers {
    /// Counted N-grams that have the row, the one that asked among them.
    var ngrams = 0
    /// The most frequent of them; of equally frequent ones, in the order of their tokens.
    var top: [(tokens: [Int32], count: UInt64)] = []
  }

  private var places: [Int64: Int] = [:]
  private var sharers: [Sharers] = []
  private let kept: Int

  /// - Parameter kept: how many are named of those that share a row.
  init(rows: some Sequence<Int64>, kept: Int) {
    self.kept = kept
    for row in rows where places[row] == nil {
      places[row] = sharers.count
      sharers.append(Sharers())
    }
  }

  /// What shares a row.
  subscript(row: Int64) -> Sharers { places[row].map { sharers[$0] } ?? Sharers() }

  /// Goes through all N-grams of the hash's order.
  ///
  /// - Parameter step: called now and then with how many are done.
  /// - Complexity: a hash an N-gram, a remainder a head; memory for the rows asked for alone.
  mutating func scan(
    _ counts: NgramCounts, by hash: ColumnHash, step: (Int) throws -> Void
  ) throws {
    let filter = RowFilter(places.keys)
    var done = 0
    try counts.forEach(order: hash.order) { tokens, count in
      done += 1
      if done & 0xFFFF == 0 { try step(done) }
      let mix = hash.mix(tokens)
      for head in 0..<hash.heads {
        let row = hash.row(mix, head: head)
        guard filter.mayHold(row), let place = places[row] else { continue }
        sharers[place].add(tokens, count, kept: kept)
      }
    }
  }
}

extension ColumnSharing.Sharers {
  fileprivate mutating func add(
    _ tokens: UnsafeBufferPointer<Int32>, _ count: UInt64, kept: Int
  ) {
    ngrams += 1
    guard top.count < kept || count > (top.last?.count ?? 0) else { return }
    let place = top.firstIndex { $0.count < count } ?? top.count
    top.insert((Array(tokens), count), at: place)
    if top.count > kept { top.removeLast() }
  }
}

/// Says of most rows that they are not among some, in a nanosecond.
private struct RowFilter {
  private var bits = [UInt64](repeating: 0, count: 1 << 14)

  init(_ rows: some Sequence<Int64>) {
    for row in rows {
      let bit = Self.bit(row)
      bits[bit >> 6] |= 1 << UInt64(bit & 63)
    }
  }

  func mayHold(_ row: Int64) -> Bool {
    let bit = Self.bit(row)
    return bits[bit >> 6] >> UInt64(bit & 63) & 1 == 1
  }

  private static func bit(_ row: Int64) -> Int {
    Int((UInt64(bitPattern: row) &* 0x9E37_79B9_7F4A_7C15) >> 44)
  }
}
