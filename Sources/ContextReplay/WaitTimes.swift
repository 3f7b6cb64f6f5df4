/// How long calls took.
public struct WaitTimes: Sendable {
  private var seconds: [Double] = []

  /// No calls yet.
  public init() {}

  /// Calls noted.
  public var count: Int { seconds.count }

  /// Takes note of a call.
  public mutating func note(_ time: Double) { seconds.append(time) }

  /// The time within which this share of the calls ended, seconds; `nil` where there were none.
  ///
  /// - Complexity: O(calls * log(calls)).
  public func quantile(_ share: Double) -> Double? {
    guard !seconds.isEmpty else { return nil }
    let rank = Int((share * Double(seconds.count)).rounded(.up))
    return seconds.sorted()[max(0, min(seconds.count - 1, rank - 1))]
  }
}
