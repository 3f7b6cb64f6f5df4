/// Spans of time, as people write them.
enum TimeSpan {
  /// Reads seconds out of "90", "90s", "2m", "1.5h"; `nil` where it is no span above 0.
  static func parse(_ text: String) -> Double? {
    let units: [Character: Double] = ["s": 1, "m": 60, "h": 3600]
    guard let last = text.last else { return nil }
    let digits = units[last] == nil ? text[...] : text.dropLast()
    guard let value = Double(digits), value > 0, value.isFinite, value < 1e9 else { return nil }
    return value * (units[last] ?? 1)
  }
}
