import Synchronization

/// The series of one metric, by the values of its labels. No more than `limit` of them: what comes
/// after counts together, with `other` for every value.
final class SeriesFamily<Series: Sendable>: Sendable {
  /// The labels' names.
  let labels: [String]
  /// The most series.
  let limit: Int
  private let series = Mutex<[[String]: Series]>([:])
  private let make: @Sendable () -> Series

  init(labels: [String], limit: Int = 512, make: @escaping @Sendable () -> Series) {
    self.labels = labels
    self.limit = limit
    self.make = make
  }

  /// The series of these values, made at its first use.
  func callAsFunction(_ values: String...) -> Series {
    series.withLock { series in
      if let found = series[values] { return found }
      let values =
        series.count < limit - 1 ? values : Array(repeating: "other", count: values.count)
      if let found = series[values] { return found }
      let made = make()
      series[values] = made
      return made
    }
  }

  /// All series there are, by their labels' values.
  var all: [(values: [String], series: Series)] {
    series.withLock { $0 }.map { ($0.key, $0.value) }
      .sorted { $0.0.lexicographicallyPrecedes($1.0) }
  }
}
