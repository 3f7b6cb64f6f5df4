import Foundation

/// Counts of values in bins. A bin holds what is at least its lower edge and below its upper one;
/// the last bin holds its upper edge too.
public struct Histogram: Hashable, Sendable {
  /// How bins are cut.
  public enum Bins: Hashable, Sendable {
    /// About `count` bins of one width, a round number.
    case linear(count: Int)
    /// This many bins to a factor of ten. Three of them end at 1, 2, 5, 10, 20...
    case logarithmic(perDecade: Int)
  }

  /// The scale that the bins were cut on.
  public let scale: AxisScale
  /// The bins' ends, ascending, one more than bins; empty where there is no bin.
  public let edges: [Double]
  /// Values in each bin.
  public let counts: [Int]
  /// Values that have no place: not a number, infinite, beyond 1e300, and on a logarithmic scale
  /// zero and below.
  public let skipped: Int

  /// Counts `values`.
  ///
  /// - Complexity: O(values * log(bins)).
  public init(_ values: some Collection<Double>, bins: Bins = .linear(count: 40)) {
    let scale = bins.scale
    let shown = values.lazy.filter { AxisRange.isShown($0, scale) }
    var low = Double.infinity
    var high = -Double.infinity
    var total = 0
    for value in shown {
      low = min(low, value)
      high = max(high, value)
      total += 1
    }
    self.scale = scale
    skipped = values.count - total
    guard total > 0 else {
      edges = []
      counts = []
      return
    }
    let edges = bins.edges(from: low, to: high)
    var counts = [Int](repeating: 0, count: edges.count - 1)
    for value in shown { counts[Self.bin(of: value, in: edges)] += 1 }
    self.edges = edges
    self.counts = counts
  }

  /// A histogram that was counted elsewhere.
  ///
  /// - Throws: `PlotError.badBins`.
  public init(
    edges: [Double], counts: [Int], scale: AxisScale = .linear, skipped: Int = 0
  ) throws(PlotError) {
    guard counts.isEmpty && edges.isEmpty || edges.count == counts.count + 1,
      edges.allSatisfy({ AxisRange.isShown($0, scale) }),
      zip(edges, edges.dropFirst()).allSatisfy(<),
      counts.allSatisfy({ $0 >= 0 })
    else { throw .badBins(edges: edges.count, counts: counts.count) }
    self.scale = scale
    self.edges = edges
    self.counts = counts
    self.skipped = skipped
  }

  /// The last bin whose lower edge is not above `value`.
  static func bin(of value: Double, in edges: [Double]) -> Int {
    var low = 0
    var high = edges.count - 1
    while high - low > 1 {
      let middle = (low + high) / 2
      if edges[middle] <= value { low = middle } else { high = middle }
    }
    return low
  }
}
