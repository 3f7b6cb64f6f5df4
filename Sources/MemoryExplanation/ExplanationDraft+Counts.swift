import NgramCounts

extension ExplanationDraft {
  /// The orders that both the memory and the counts have.
  private func orders(of counts: NgramCounts) -> [Int] {
    memory.orders.filter { counts.manifest.subject.orders.range.contains($0) }
  }

  /// How often each N-gram was counted.
  mutating func addCounts(_ counts: NgramCounts) throws {
    for order in orders(of: counts) {
      var known: [[Int32]: UInt64] = [:]
      let all = Set(tokens.flatMap(\.ngrams).filter { $0.order == order }.compactMap(key))
      for ngram in all { known[ngram] = try counts.count(of: ngram) }
      let keys = keys
      forEachNgram(order: order) { ngram in
        guard ngram.padding == 0 else { return }
        ngram.count = known[Array(keys[ngram.first..<ngram.first + ngram.order])]
      }
    }
  }

  /// Which counted N-grams share rows with those of the text.
  mutating func addSharers(
    _ counts: NgramCounts, _ names: CountedText, kept: Int, _ progress: Explainer.Progress
  ) throws {
    let orders = orders(of: counts)
    let total = orders.reduce(0) {
      $0 + Int(clamping: counts.manifest.totals(order: $1)?.distinct ?? 0)
    }
    var before = 0
    for order in orders {
      guard let hash = try memory.hash(order: order) else { return }
      let rows = tokens.flatMap(\.ngrams).filter { $0.order == order }.flatMap(\.rows).map(\.id)
      // One more, as the N-gram itself is among those that have its row.
      var sharing = ColumnSharing(rows: rows, kept: kept + 1)
      try sharing.scan(counts, by: hash) {
        try progress("looking for collisions", before + $0, total)
      }
      before += Int(clamping: counts.manifest.totals(order: order)?.distinct ?? 0)
      let keys = keys
      forEachNgram(order: order) { ngram in
        let own = ngram.padding > 0 ? [] : keys[ngram.first..<ngram.first + ngram.order]
        for index in ngram.rows.indices {
          let found = sharing[ngram.rows[index].id]
          ngram.rows[index].sharing = found.ngrams - ((ngram.count ?? 0) > 0 ? 1 : 0)
          ngram.rows[index].sharers = found.top.filter { !$0.tokens.elementsEqual(own) }
            .prefix(kept).map { .init(text: names.text(of: $0.tokens), count: $0.count) }
        }
      }
    }
  }

  /// Candidates whose rows are in memory at once.
  private static let block = 512

  /// The frequent N-grams whose rows point the same way.
  mutating func addNearest(
    _ counts: NgramCounts, _ names: CountedText, kept: Int, among: Int,
    _ progress: Explainer.Progress
  ) throws {
    guard kept > 0, among > 0 else { return }
    let orders = orders(of: counts)
    for (number, order) in orders.enumerated() {
      try progress("looking for near rows", number * among, orders.count * among)
      // Equal N-grams have equal rows.
      let asked = Array(
        Set(tokens.flatMap(\.ngrams).filter { $0.order == order && $0.isFound }.map(ids)))
      let places = Dictionary(uniqueKeysWithValues: asked.enumerated().map { ($1, $0) })
      let candidates = try counts.top(order: order, n: among)
      // One more, as the N-gram itself may be among them.
      var search = NearestRows(
        queries: asked.flatMap(vector),
        width: memory.heads * memory.table.manifest.dimension, kept: kept + 1)
      for start in stride(from: 0, to: candidates.count, by: Self.block) {
        let part = candidates[start..<min(candidates.count, start + Self.block)]
        let rows = try memory.rows(of: part.map(\.tokens), order: order) { original($0) }
        // N-grams that an exact table does not have are zeros: near to none.
        let ids = rows.flatMap { $0.isEmpty ? [Int64(-1)] : $0 }
        let (vectors, _) = try memory.table.gatherFloats(ids, misses: .zero)
        search.compare(with: vectors, numberedFrom: start)
        try progress(
          "looking for near rows", number * among + start + part.count, orders.count * among)
      }
      let keys = keys
      forEachNgram(order: order) { ngram in
        guard let place = places[Self.ids(ngram)] else { return }
        let own = ngram.padding > 0 ? [] : keys[ngram.first..<ngram.first + ngram.order]
        ngram.nearest = search.nearest[place].filter {
          !candidates[$0.candidate].tokens.elementsEqual(own)
        }.prefix(kept).map {
          let near = candidates[$0.candidate]
          return .init(text: names.text(of: near.tokens), count: near.count, cosine: $0.cosine)
        }
      }
    }
  }

  private func ids(_ ngram: Explanation.Ngram) -> [Int64] { Self.ids(ngram) }
  private static func ids(_ ngram: Explanation.Ngram) -> [Int64] { ngram.rows.map(\.id) }

  /// Token ids that have these numbers.
  private func original(_ keys: [Int32]) -> [Int32] {
    guard memory.map != nil else { return keys }
    return keys.map { originals.indices.contains(Int($0)) ? originals[Int($0)] : 0 }
  }
}
