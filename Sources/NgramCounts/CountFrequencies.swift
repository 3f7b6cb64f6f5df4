/// How many N-grams of an order occur how often: what ranks, curves and thresholds follow from.
public struct CountFrequencies: Hashable, Sendable {
  /// Counts, the largest first, each with how many N-grams have it.
  public let entries: [(count: UInt64, ngrams: UInt64)]

  /// From counts in any order.
  init(_ table: [UInt64: UInt64]) {
    entries = table.sorted { $0.key > $1.key }.map { (count: $0.key, ngrams: $0.value) }
  }

  public static func == (a: Self, b: Self) -> Bool {
    a.entries.elementsEqual(b.entries) { $0 == $1 }
  }

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

  /// Ranks, from 1, and counts at them: at most `perDecade` for each factor of ten, and the last.
  public func curve(perDecade: Int = 12) -> [(rank: UInt64, count: UInt64)] {
    var points: [(rank: UInt64, count: UInt64)] = []
    var rank: UInt64 = 0
    var next = 1.0
    let step = Double.pow10(1 / Double(max(1, perDecade)))
    for entry in entries {
      let last = rank + entry.ngrams
      while UInt64(next) <= last {
        let place = max(UInt64(next), rank + 1)
        if points.last?.rank != place { points.append((place, entry.count)) }
        next = max(next * step, Double(place) + 1)
      }
      rank = last
    }
    if let last = entries.last, rank > 0, points.last?.rank != rank {
      points.append((rank, last.count))
    }
    return points
  }
}
