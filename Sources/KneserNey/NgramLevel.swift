/// N-grams of one order: of every context what came after it, and how much is left for what did not.
struct NgramLevel: Sendable {
  /// What a level says about one token after one context.
  struct Answer {
    /// The token's own part of the probability.
    var own = 0.0
    /// What the next lower order's probability is multiplied with.
    var backoff = 1.0
  }

  private let ngrams: CountedKeys
  private let discounts: Discounts
  /// Distinct contexts, ascending; where each one's N-grams start, and one more for the end.
  private let contexts: [UInt64]
  private let starts: [Int]
  private let totals: [Double]
  private let backoffs: [Double]

  /// - Parameter ngrams: keys whose lowest token is what follows the context above it.
  init(_ ngrams: CountedKeys) {
    self.ngrams = ngrams
    discounts = Discounts(counts: ngrams.counts)
    var contexts: [UInt64] = []
    var starts: [Int] = []
    for (index, key) in ngrams.keys.enumerated() {
      let context = key >> UInt64(NgramKey.bits)
      if contexts.last != context {
        contexts.append(context)
        starts.append(index)
      }
    }
    starts.append(ngrams.keys.count)
    var totals: [Double] = []
    var backoffs: [Double] = []
    totals.reserveCapacity(contexts.count)
    backoffs.reserveCapacity(contexts.count)
    for index in contexts.indices {
      var (total, takenOff) = (0.0, 0.0)
      for count in ngrams.counts[starts[index]..<starts[index + 1]] {
        total += Double(count)
        takenOff += discounts[count]
      }
      totals.append(total)
      backoffs.append(takenOff / total)
    }
    (self.contexts, self.starts, self.totals, self.backoffs) = (contexts, starts, totals, backoffs)
  }

  /// - Complexity: two binary searches.
  func answer(for token: Int32, after context: UInt64) -> Answer {
    guard let place = contexts[...].binarySearch(context) else { return Answer() }
    var answer = Answer(backoff: backoffs[place])
    let key = NgramKey.appending(token, to: context)
    if let found = ngrams.keys[starts[place]..<starts[place + 1]].binarySearch(key) {
      let count = ngrams.counts[found]
      answer.own = (Double(count) - discounts[count]) / totals[place]
    }
    return answer
  }
}

extension ArraySlice<UInt64> {
  /// Where a number stands in ascending ones, or `nil`.
  fileprivate func binarySearch(_ wanted: UInt64) -> Int? {
    var (low, high) = (startIndex, endIndex)
    while low < high {
      let middle = low + (high - low) / 2
      if self[middle] < wanted { low = middle + 1 } else { high = middle }
    }
    return low < endIndex && self[low] == wanted ? low : nil
  }
}
