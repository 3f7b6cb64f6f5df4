import Foundation

/// The numbers that stand at an axis.
enum Ticks {
  /// A step of 1, 2 or 5 times a power of ten that cuts `span` into about `count` pieces.
  static func step(span: Double, count: Int) -> Double {
    let rough = span / Double(max(1, count))
    guard rough > 0, rough.isFinite else { return 1 }
    let power = pow(10, floor(log10(rough)))
    guard power > 0 else { return rough }
    let digit = rough / power
    return power * (digit <= 1.0001 ? 1 : digit <= 2.0001 ? 2 : digit <= 5.0001 ? 5 : 10)
  }

  /// The ticks inside a range: about `count` of a linear one; of a logarithmic one the powers of
  /// ten, and 2 and 5 times them where there are few.
  static func values(in range: AxisRange, count: Int = 5) -> [Double] {
    switch range.scale {
    case .linear: linear(range, count)
    case .logarithmic: logarithmic(range, count)
    }
  }

  private static func linear(_ range: AxisRange, _ count: Int) -> [Double] {
    let step = step(span: range.high - range.low, count: count)
    let first = (range.low / step - 1e-6).rounded(.up)
    let last = (range.high / step + 1e-6).rounded(.down)
    guard last >= first, last - first <= 1_000 else { return [] }
    return (0...Int(last - first)).map { (first + Double($0)) * step }
  }

  private static func logarithmic(_ range: AxisRange, _ count: Int) -> [Double] {
    let first = Int(floor(log10(range.low)))
    let last = Int(ceil(log10(range.high)))
    let decades = log10(range.high / range.low)
    let digits: [Double] = decades < 2.5 ? [1, 2, 5] : [1]
    let stride = max(1, Int((decades / Double(2 * count)).rounded(.up)))
    return (first...last).filter { $0 % stride == 0 }.flatMap { power in
      digits.map { $0 * pow(10, Double(power)) }
    }.filter { $0 >= range.low * 0.999_999 && $0 <= range.high * 1.000_001 }
  }

  /// A short label: 0, 0.5, 250, 20k, 1.5M, 3e-07.
  static func label(_ value: Double) -> String {
    let size = abs(value)
    if size < 1e-12 { return "0" }
    for (unit, suffix) in [(1e12, "T"), (1e9, "G"), (1e6, "M"), (1e4, "k")]
    where size >= unit * 0.999_999 && size < 1e15 {
      let divisor = suffix == "k" ? 1e3 : unit
      return String(format: "%.4g", value / divisor) + suffix
    }
    return String(format: "%.4g", value)
  }
}
