import Foundation

/// The stretch of numbers that an axis shows, and where they lie on it.
struct AxisRange: Sendable {
  let scale: AxisScale
  let low: Double
  let high: Double

  /// A range around `values`, or `nil` where none of them has a place on the scale.
  ///
  /// - Parameter fromZero: whether a linear range reaches down to 0, as bars need it.
  init?(_ values: some Sequence<Double>, scale: AxisScale, fromZero: Bool = false) {
    var low = Double.infinity
    var high = -Double.infinity
    for value in values where Self.isShown(value, scale) {
      low = min(low, value)
      high = max(high, value)
    }
    guard low <= high else { return nil }
    switch scale {
    case .linear:
      if fromZero { (low, high) = (min(low, 0), max(high, 0)) }
      if high - low <= max(abs(low), abs(high)) * 1e-9 {
        let margin = max(abs(high) * 0.1, 1e-9)
        low = fromZero ? low : low - margin
        high = fromZero && high == 0 ? 1 : high + margin
      }
    case .logarithmic:
      if high / low < 1.5 { (low, high) = (low / 2, high * 2) }
    }
    self.init(scale: scale, low: low, high: high)
  }

  init(scale: AxisScale, low: Double, high: Double) {
    self.scale = scale
    self.low = low
    self.high = high
  }

  /// The range, grown to the next ticks where it is linear.
  func rounded() -> Self {
    guard scale == .linear else { return self }
    let step = Ticks.step(span: high - low, count: 5)
    return Self(
      scale: scale, low: (low / step).rounded(.down) * step,
      high: (high / step).rounded(.up) * step)
  }

  /// Whether a number has a place on the scale. The far ends of Double's range have none, so that
  /// no difference overflows.
  static func isShown(_ value: Double, _ scale: AxisScale) -> Bool {
    scale == .linear ? abs(value) <= 1e300 : value >= 1e-300 && value <= 1e300
  }

  /// Where a number lies: 0 at `low`, 1 at `high`.
  func fraction(_ value: Double) -> Double {
    switch scale {
    case .linear: (value - low) / (high - low)
    case .logarithmic: log(value / low) / log(high / low)
    }
  }
}
