import CKernels

/// How far the numbers of a converted table are from those that it was made from.
///
/// About the numbers of stored pages that are finite in both tables; pages that are not stored are
/// zero in both. Differences are those of the numbers that readers get, as float32.
public struct ConversionErrors: Codable, Hashable, Sendable {
  /// Numbers that were compared.
  public var numbers: Int
  /// How many of them are exactly what they were.
  public var exactNumbers: Int
  /// The largest difference.
  public var maximum: Double
  /// The root of the mean square of the differences.
  public var rms: Double
  /// `rms` over the root mean square of the numbers themselves; 0 where those are all zero.
  public var relativeRMS: Double
  /// How large most differences are, ascending.
  public var percentiles: [Percentile]
  /// Rows with a number that is infinite or NaN.
  public var nonFiniteRows: Int
  /// The first of them.
  public var firstNonFiniteRow: Int?

  /// What so many of a hundred differences do not exceed: at the most 1/64 above the smallest such
  /// number.
  public struct Percentile: Codable, Hashable, Sendable {
    /// 99 is 99 of a hundred numbers.
    public var percent: Double
    /// What their differences do not exceed.
    public var error: Double
  }

  static let percents = [50, 90, 99, 99.9, 99.99]

  /// What these tallies say together.
  init(_ tallies: [DifferenceTally]) {
    numbers = tallies.reduce(0) { $0 + Int($1.sums.pairs) }
    let bins = (0..<DifferenceTally.bins).map { bin in
      tallies.reduce(UInt64(0)) { $0 &+ $1.count(inBin: bin) }
    }
    exactNumbers = Int(bins[0])
    let largest = tallies.map(\.sums.largest).max() ?? 0
    maximum = Double(largest)
    let squares = tallies.reduce(0) { $0 + $1.sums.squares }
    let values = tallies.reduce(0) { $0 + $1.sums.value_squares }
    rms = numbers > 0 ? (squares / Double(numbers)).squareRoot() : 0
    relativeRMS = values > 0 ? (squares / values).squareRoot() : 0
    percentiles = []
    var (bin, below) = (0, bins[0])
    for percent in Self.percents {
      let needed = UInt64((percent / 100 * Double(numbers)).rounded(.up))
      while below < needed, bin + 1 < bins.count {
        bin += 1
        below += bins[bin]
      }
      percentiles.append(
        Percentile(percent: percent, error: Double(min(largest, engram_magnitude_of_bin(bin)))))
    }
    nonFiniteRows = tallies.reduce(0) { $0 + $1.nonFiniteRows }
    firstNonFiniteRow = tallies.compactMap(\.firstNonFiniteRow).min()
  }
}

/// What one thread adds up at a time.
final class DifferenceTally {
  static let bins = Int(ENGRAM_MAGNITUDE_BINS)
  private static let lanes = Int(ENGRAM_MAGNITUDE_LANES)

  private(set) var sums = engram_differences()
  private(set) var nonFiniteRows = 0
  private(set) var firstNonFiniteRow: Int?

  init() {
    sums.histogram = .allocate(capacity: Self.bins * Self.lanes)
    sums.histogram.initialize(repeating: 0, count: Self.bins * Self.lanes)
  }

  deinit { sums.histogram.deallocate() }

  /// Adds rows and what became of them, both [count, dimension].
  func add(
    _ numbers: UnsafePointer<Float>, _ stored: UnsafePointer<Float>, rows: Range<Int>,
    dimension: Int
  ) {
    guard engram_add_differences(&sums, numbers, stored, rows.count * dimension) > 0 else { return }
    for (index, row) in rows.enumerated() {
      var others = 0
      _ = engram_largest_magnitude(numbers + index * dimension, dimension, &others)
      guard others > 0 else { continue }
      nonFiniteRows += 1
      firstNonFiniteRow = min(firstNonFiniteRow ?? row, row)
    }
  }

  func count(inBin bin: Int) -> UInt64 {
    (0..<Self.lanes).reduce(0) { $0 &+ sums.histogram[bin * Self.lanes + $1] }
  }
}
