import Files
import Foundation
import Storage

/// How much of a held-out part the most frequent N-grams cover: the figures by which people size a
/// cache.
public struct Coverage: Hashable, Sendable {
  /// The order.
  public var order: Int
  /// N-grams of the held-out part, each as often as it occurs.
  public var total: UInt64
  /// Of these, how many are among all that were counted.
  public var known: UInt64
  /// For each number of most frequent N-grams, how many of the held-out part they cover.
  public var covered: [(most: UInt64, ngrams: UInt64)]

  /// Whether all numbers are equal.
  public static func == (a: Self, b: Self) -> Bool {
    (a.order, a.total, a.known) == (b.order, b.total, b.known)
      && a.covered.elementsEqual(b.covered) { $0 == $1 }
  }

  /// Feeds the sums.
  public func hash(into hasher: inout Hasher) {
    hasher.combine(order)
    hasher.combine(total)
    hasher.combine(known)
  }
}

extension NgramCounts {
  /// Counts a held-out part and compares it with these counts, one pass over both.
  ///
  /// The most frequent K are those of `top(order:n:)`: of equally frequent N-grams, the first in
  /// the order of their tokens.
  ///
  /// - Parameter counting: of the same tokens; which samples are held out is its matter.
  /// - Parameter most: numbers of most frequent N-grams, ascending.
  /// - Parameter frequencies: of each order.
  /// - Throws: `CountError.otherRun` where the tokens are others; what counting throws.
  public func coverage(
    of counting: NgramCounting, most: [UInt64], frequencies: [Int: CountFrequencies],
    work: String? = nil, progress: @escaping NgramCounting.Progress = { _ in }
  ) throws -> [Coverage] {
    let subject = counting.subject
    guard subject.tokenizer == manifest.subject.tokenizer else {
      throw CountError.otherTokenizer(
        counts: manifest.title, expected: manifest.subject.tokenizer.sha256,
        found: subject.tokenizer.sha256)
    }
    guard subject.tokens == manifest.subject.tokens else {
      throw CountError.otherRun(
        path: subject.dataset.title, what: "token rule",
        expected: manifest.subject.tokens.kind.rawValue, found: subject.tokens.kind.rawValue)
    }
    let folder = "\(work ?? NSTemporaryDirectory())/engram-held-out-\(Store.newIdentifier())"
    return try WorkFolder.with(folder) { folder in
      let runs = try counting.count(into: folder, progress: progress)
      let ticker = ProgressTicker(
        .merging,
        total: subject.orders.range.reduce(0) {
          $0 + Int(clamping: manifest.totals(order: $1)?.distinct ?? 0)
        }, report: progress)
      return try subject.orders.range.map { order in
        let thresholds = try (frequencies[order] ?? self.frequencies(order: order))
          .thresholds(most)
        switch subject.keyWords(order: order) {
        case 1: return try join(UInt64.self, order, runs, thresholds, ticker)
        case 2: return try join(UInt128.self, order, runs, thresholds, ticker)
        default: return try join(WideKey.self, order, runs, thresholds, ticker)
        }
      }
    }
  }

  private func join<Key: NgramKey>(
    _: Key.Type, _ order: Int, _ runs: RunSet,
    _ thresholds: [(most: UInt64, threshold: CountFrequencies.Threshold)], _ ticker: ProgressTicker
  ) throws -> Coverage {
    let heldOut = try runs.merger(order: order, Key.self, ticker: ticker)
    var coverage = Coverage(
      order: order, total: 0, known: 0, covered: thresholds.map { ($0.most, 0) })
    var ties = thresholds.map(\.threshold.ties)
    var current = try heldOut.next()
    var steps = 0
    let bits = manifest.subject.tokenBits
    try forEach(order: order) { tokens, count in
      steps += 1
      if steps & 0xFFFF == 0 { try ticker.advance(by: 1 << 16) }
      var key = Key()
      for token in tokens { key.append(UInt32(bitPattern: token), bits: bits) }
      while let found = current, found.key < key {
        coverage.total += found.count
        current = try heldOut.next()
      }
      let held = current?.key == key ? current?.count ?? 0 : 0
      coverage.known += held
      for (index, (_, threshold)) in thresholds.enumerated() where count <= threshold.count {
        guard count == threshold.count, ties[index] > 0 else { continue }
        ties[index] -= 1
        coverage.covered[index].ngrams += held
      }
      guard held > 0 else { return }
      for (index, (_, threshold)) in thresholds.enumerated() where count > threshold.count {
        coverage.covered[index].ngrams += held
      }
    }
    while let found = current {
      coverage.total += found.count
      current = try heldOut.next()
    }
    return coverage
  }
}

extension CountFrequencies {
  /// The thresholds of several numbers of most frequent N-grams.
  func thresholds(_ most: [UInt64]) -> [(most: UInt64, threshold: Threshold)] {
    most.compactMap { number in threshold(most: number).map { (number, $0) } }
  }
}
