import Foundation

extension Double {
  /// 10 to the power of `exponent`.
  static func pow10(_ exponent: Double) -> Double { pow(10, exponent) }
}

extension NgramCounts {
  /// How many N-grams of some orders occur how often.
  ///
  /// - Complexity: one pass over them.
  public func frequencies(
    orders: ClosedRange<Int>, minimumCount: UInt64 = 1
  ) throws -> CountFrequencies {
    // Most counts are small; the others are few.
    var small = [UInt64](repeating: 0, count: 1 << 16)
    var large: [UInt64: UInt64] = [:]
    for order in orders {
      try forEach(order: order, minimum: minimumCount) { _, count in
        if count < UInt64(small.count) {
          small[Int(count)] += 1
        } else {
          large[count, default: 0] += 1
        }
      }
    }
    for (count, ngrams) in small.enumerated() where ngrams > 0 { large[UInt64(count)] = ngrams }
    return CountFrequencies(large)
  }

  /// How many N-grams of an order occur how often.
  public func frequencies(order: Int) throws -> CountFrequencies {
    try frequencies(orders: order...order)
  }

  /// The most frequent N-grams of an order, the most frequent first; of equally frequent ones, in
  /// the order of their tokens.
  public func top(order: Int, n: Int) throws -> [(tokens: [Int32], count: UInt64)] {
    try top(orders: order...order, count: n)
  }

  /// The most frequent N-grams of some orders together, the most frequent first; of equally
  /// frequent ones, the shorter first, then in the order of their tokens.
  ///
  /// - Parameter count: how many at the most.
  /// - Parameter minimumCount: N-grams that occur less often are left out.
  /// - Complexity: two passes over the N-grams, memory for the result alone.
  public func top(
    orders: ClosedRange<Int>, count: Int, minimumCount: UInt64 = 1
  ) throws -> [(tokens: [Int32], count: UInt64)] {
    for order in orders { _ = try totals(order: order) }
    guard count > 0,
      let threshold = try frequencies(orders: orders, minimumCount: minimumCount)
        .threshold(most: UInt64(count))
    else { return [] }
    var ties = threshold.ties
    var found: [(tokens: [Int32], count: UInt64)] = []
    for order in orders {
      try forEach(order: order, minimum: threshold.count) { tokens, count in
        if count == threshold.count {
          guard ties > 0 else { return }
          ties -= 1
        }
        found.append((Array(tokens), count))
      }
    }
    // Found in ascending order: a number keeps that among equals.
    let places = found.indices.sorted { (found[$1].count, $0) < (found[$0].count, $1) }
    return places.map { found[$0] }
  }
}
