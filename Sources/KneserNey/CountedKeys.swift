/// Distinct numbers in ascending order, and how often each came.
struct CountedKeys: Sendable {
  private(set) var keys: [UInt64] = []
  private(set) var counts: [UInt32] = []

  /// - Parameter sorted: ascending.
  init(sorted: [UInt64]) {
    guard let first = sorted.first else { return }
    var distinct = 1
    for index in 1..<sorted.count where sorted[index] != sorted[index - 1] { distinct += 1 }
    keys.reserveCapacity(distinct)
    counts.reserveCapacity(distinct)
    var (key, count): (UInt64, UInt32) = (first, 0)
    for next in sorted {
      if next != key {
        keys.append(key)
        counts.append(count)
        (key, count) = (next, 0)
      }
      if count < .max { count += 1 }
    }
    keys.append(key)
    counts.append(count)
  }
}
