/// How many N-grams of an order occur how often: what ranks, curves and thresholds follow from.
public struct CountFrequencies: Hashable, Sendable {
  /// Counts, the largest first, each with how many N-grams have it.
  public let entries: [(count: UInt64, ngrams: UInt64)]

  /// From counts in any order.
  init(_ table: [UInt64: UInt64]) {
    entries = table.sorted { $0.key > $1.key }.map { (count: $0.key, ngrams: $0.value) }
  }

  /// Whether all entries are equal.
  public static func == (a: Self, b: Self) -> Bool {
    a.entries.elementsEqual(b.entries) { $0 == $1 }
  }

  /// Feeds all entries.
  public func hash(into hasher: inout Hasher) {
    for entry in entries {
      hasher.combine(entry.count)
      hasher.combine(entry.ngrams)
    }
  }

  /// Which counts the most frequent N-grams have: all that occur more often than `count`, and the
  /// first `ties` in the order of N-grams of those that occur as often.
  public struct Threshold: Hashable, Sendable {
    /// The least count among them.
    public var count: UInt64
    /// How many of that count.
    public var ties: UInt64
  }

  /// The threshold of the most frequent `most` N-grams; `nil` where there are none.
  public func threshold(most: UInt64) -> Threshold? {
    var left = most
    var last: Threshold?
    for entry in entries where left > 0 {
      last = Threshold(count: entry.count, ties: min(left, entry.ngrams))
      left -= min(left, entry.ngrams)
    }
    return last
  }

  /// How often the most frequent `most` N-grams occur together.
  public func total(most: UInt64) -> UInt64 {
    var left = most
    var sum: UInt64 = 0
    for entry in entries where left > 0 {
      let some = min(left, entry.ngrams)
      sum = sum &+ some &* entry.count
      left -= some
    }
    return sum
  }

  /// Counts by rank: at most `perDecade` ranks for each factor of ten, among them each power of
  /// ten, and the last.
  public func curve(perDecade: Int = 12) -> [(rank: UInt64, count: UInt64)] {
    var points: [(rank: UInt64, count: UInt64)] = []
    var rank: UInt64 = 0
    var step = 0
    var next: UInt64 = 1
    for entry in entries {
      let last = rank + entry.ngrams
      while next <= last {
        points.append((next, entry.count))
        let before = next
        while next <= before, step < 18 * perDecade {
          step += 1
          next = UInt64(Double.pow10(Double(step) / Double(perDecade)).rounded())
        }
        if next <= before { return points }
      }
      rank = last
    }
    if let last = entries.last, points.last?.rank != rank { points.append((rank, last.count)) }
    return points
  }
}
