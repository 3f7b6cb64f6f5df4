import CUnicode

/// The scalars of a class as sorted, disjoint ranges, resolved by ICU.
struct ScalarRanges: Hashable {
  let ranges: [ClosedRange<UInt32>]

  /// - Parameter caseless: adds what differs from a member only in case.
  /// - Returns: `nil` where ICU does not know a name in it.
  init?(_ set: ScalarClass, caseless: Bool) {
    // A negative set is closed over case first and turned round after.
    let positive = ScalarClass(items: set.items, isNegative: false)
    let text = Array((caseless ? positive : set).icuText.utf16)
    guard let icu = engram_set_open(text, Int32(text.count)) else { return nil }
    defer { engram_set_close(icu) }
    if caseless { engram_set_close_over_case(icu) }
    var ranges: [ClosedRange<UInt32>] = []
    for index in 0..<engram_set_count(icu) {
      var low: Int32 = 0
      var high: Int32 = 0
      guard engram_set_range(icu, index, &low, &high) == 1 else { continue }
      ranges.append(UInt32(low)...UInt32(high))
    }
    self.ranges = caseless && set.isNegative ? Self.complement(ranges) : ranges
  }

  private static func complement(_ ranges: [ClosedRange<UInt32>]) -> [ClosedRange<UInt32>] {
    var result: [ClosedRange<UInt32>] = []
    var next: UInt32 = 0
    for range in ranges {
      if next < range.lowerBound { result.append(next...range.lowerBound - 1) }
      next = range.upperBound + 1
    }
    if next <= 0x10FFFF { result.append(next...0x10FFFF) }
    return result
  }
}
