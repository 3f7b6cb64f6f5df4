import Foundation

extension Histogram.Bins {
  var scale: AxisScale {
    switch self {
    case .linear: .linear
    case .logarithmic: .logarithmic
    }
  }

  /// Ascending edges, at least two, around finite `low...high`.
  func edges(from low: Double, to high: Double) -> [Double] {
    switch self {
    case .linear(let count): Self.linear(low, high, count)
    case .logarithmic(let perDecade): Self.logarithmic(low, high, perDecade)
    }
  }

  private static func linear(_ low: Double, _ high: Double, _ count: Int) -> [Double] {
    // Bins much narrower than the numbers' own precision would have equal edges.
    let least = max(max(abs(low), abs(high)) * 1e-12, 1e-290)
    var step = Ticks.step(span: high - low, count: min(max(count, 1), 10_000))
    if high == low { step = Ticks.step(span: max(abs(low), 1), count: 10) }
    step = max(step, least)
    let first = (low / step).rounded(.down)
    let last = max((high / step).rounded(.up), first + 1)
    let edges = (0...Int(last - first)).map { (first + Double($0)) * step }
    return covering(low, high, edges)
  }

  private static func logarithmic(_ low: Double, _ high: Double, _ perDecade: Int) -> [Double] {
    let perDecade = min(max(perDecade, 1), 100)
    func edge(_ number: Int) -> Double {
      let decade = Int((Double(number) / Double(perDecade)).rounded(.down))
      let part = number - decade * perDecade
      let digit =
        perDecade == 3 ? [1, 2, 5][part] : pow(10, Double(part) / Double(perDecade))
      return digit * pow(10, Double(decade))
    }
    var first = Int((log10(low) * Double(perDecade)).rounded(.down)) - 1
    var last = Int((log10(high) * Double(perDecade)).rounded(.up)) + 1
    while first + 1 < last, edge(first + 1) <= low { first += 1 }
    while last - 1 > first, edge(last - 1) > high { last -= 1 }
    return covering(low, high, (first...last).map(edge))
  }

  /// The edges, with the outer ones moved where rounding left `low` or `high` outside.
  private static func covering(_ low: Double, _ high: Double, _ edges: [Double]) -> [Double] {
    var edges = edges
    edges[0] = min(edges[0], low)
    edges[edges.count - 1] = max(edges[edges.count - 1], high)
    return edges
  }
}
