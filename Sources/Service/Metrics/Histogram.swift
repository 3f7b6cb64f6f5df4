import Synchronization

/// How long something took, in fixed buckets; any number of threads count at once, without a lock.
final class Histogram: Sendable {
  /// Upper bounds of the buckets, in seconds; one more takes what is above them.
  static let bounds: [Double] = [
    0.000_05, 0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5,
    1, 2.5, 5, 10,
  ]

  private let buckets: [Counter]
  private let nanoseconds = Counter()

  init() { buckets = (0...Self.bounds.count).map { _ in Counter() } }

  /// Counts one of so many seconds; what is no time counts as none.
  func record(seconds: Double) {
    let seconds = seconds.isFinite && seconds > 0 ? min(seconds, 1e6) : 0
    let index = Self.bounds.firstIndex { seconds <= $0 } ?? Self.bounds.count
    buckets[index].add(1)
    nanoseconds.add(Int((seconds * 1e9).rounded()))
  }

  /// What was counted up to now: of each bucket alone, and the sum in seconds.
  var reading: (buckets: [UInt64], seconds: Double) {
    (buckets.map(\.value), Double(nanoseconds.value) / 1e9)
  }
}

/// A number that only rises, until it wraps after 2^64.
final class Counter: Sendable {
  private let count = Atomic<UInt64>(0)

  var value: UInt64 { count.load(ordering: .relaxed) }

  /// Adds; a negative number adds nothing.
  func add(_ amount: Int) {
    count.wrappingAdd(UInt64(max(0, amount)), ordering: .relaxed)
  }
}
