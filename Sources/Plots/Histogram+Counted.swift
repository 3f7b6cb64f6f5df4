extension Histogram {
  /// Counts values that were counted before: each with how often it occurs.
  ///
  /// - Complexity: O(distinct values * log(bins)).
  public init(
    counted values: some Collection<(value: Double, count: Int)>, bins: Bins
  ) throws(PlotError) {
    let shown = values.filter { AxisRange.isShown($0.value, bins.scale) && $0.count > 0 }
    let skipped = values.reduce(0) { $0 + max(0, $1.count) } - shown.reduce(0) { $0 + $1.count }
    guard let low = shown.lazy.map(\.value).min(), let high = shown.lazy.map(\.value).max() else {
      try self.init(edges: [], counts: [], scale: bins.scale, skipped: skipped)
      return
    }
    let edges = bins.edges(from: low, to: high)
    var counts = [Int](repeating: 0, count: edges.count - 1)
    for (value, count) in shown { counts[Self.bin(of: value, in: edges)] += count }
    try self.init(edges: edges, counts: counts, scale: bins.scale, skipped: skipped)
  }
}
