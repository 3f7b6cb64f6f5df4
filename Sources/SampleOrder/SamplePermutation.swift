/// A keyed permutation of `0..<count`: any position's sample in constant time and memory.
///
///     let order = SamplePermutation(count: 1_000_000, seed: 7, epoch: 0)
///     let sample = order[12]
///     order.position(of: sample)  // 12
///
/// Numbers are cut into a pair (left, right) of a grid of `left * right` cells, as square as can be
/// and at most one row larger than `count`; eight rounds add to one half a mixed word of the other.
/// A result outside of `0..<count` goes through the rounds again until it is inside (cycle walking),
/// which happens about once in sqrt(count). Source: J. Black and P. Rogaway, "Ciphers with arbitrary
/// finite domains", CT-RSA 2002, sections 3 and 4 (the method; our round function is a mixer and
/// hides nothing). Bit for bit in `Schemas/sample-order.md`.
public struct SamplePermutation: Hashable, Sendable {
  /// How many numbers are permuted.
  public let count: Int

  /// Values of the left half, and of the right half.
  private let height: UInt64
  private let width: UInt64
  private let keys: SIMD8<UInt64>

  /// The permutation of the samples of one epoch.
  ///
  /// - Parameter count: from 0 on; a negative count is a programmer's mistake and stops.
  /// - Parameter epoch: any number; each has another order.
  public init(count: Int, seed: UInt64, epoch: Int) {
    self.init(count: count, key: OrderKey(.samples, seed: seed, epoch: epoch))
  }

  init(count: Int, key: OrderKey) {
    precondition(count >= 0, "a permutation of \(count) numbers")
    self.count = count
    let size = UInt64(count)
    height = max(1, Self.ceilingOfRoot(size))
    width = max(1, (size + (height - 1)) / height)
    keys = key.rounds
  }

  /// The sample at `position`.
  ///
  /// - Parameter position: in `0..<count`; anything else stops.
  public subscript(position: Int) -> Int {
    precondition(position >= 0 && position < count, "position \(position) of \(count)")
    let (left, right) = UInt64(position).quotientAndRemainder(dividingBy: width)
    return walk(left, right)
  }

  /// The position at which `sample` stands: the inverse of the subscript.
  ///
  /// - Parameter sample: in `0..<count`; anything else stops.
  public func position(of sample: Int) -> Int {
    precondition(sample >= 0 && sample < count, "sample \(sample) of \(count)")
    var number = UInt64(sample)
    repeat {
      var (left, right) = number.quotientAndRemainder(dividingBy: width)
      for round in stride(from: 6, through: 0, by: -2) {
        right = Self.subtract(left, keys[round + 1], from: right, below: width)
        left = Self.subtract(right, keys[round], from: left, below: height)
      }
      number = left * width + right
    } while number >= UInt64(count)
    return Int(number)
  }

  /// Writes the samples at `positions`, one after another, into `samples`.
  ///
  /// - Parameter positions: within `0..<count`; anything else stops.
  /// - Parameter samples: at least `positions.count` numbers long.
  public func fill(_ positions: Range<Int>, into samples: UnsafeMutableBufferPointer<Int>) {
    precondition(
      positions.lowerBound >= 0 && positions.upperBound <= count, "\(positions) of \(count)")
    precondition(samples.count >= positions.count, "room for \(samples.count) samples")
    guard !positions.isEmpty, let base = samples.baseAddress else { return }
    var (left, right) = UInt64(positions.lowerBound).quotientAndRemainder(dividingBy: width)
    for index in 0..<positions.count {
      base[index] = walk(left, right)
      right += 1
      if right == width { (left, right) = (left + 1, 0) }
    }
  }

  @inline(__always)
  private func walk(_ left: UInt64, _ right: UInt64) -> Int {
    var number = encrypt(left, right)
    while number >= UInt64(count) {
      let (left, right) = number.quotientAndRemainder(dividingBy: width)
      number = encrypt(left, right)
    }
    return Int(number)
  }

  @inline(__always)
  private func encrypt(_ left: UInt64, _ right: UInt64) -> UInt64 {
    var (left, right) = (left, right)
    left = Self.add(right, keys[0], to: left, below: height)
    right = Self.add(left, keys[1], to: right, below: width)
    left = Self.add(right, keys[2], to: left, below: height)
    right = Self.add(left, keys[3], to: right, below: width)
    left = Self.add(right, keys[4], to: left, below: height)
    right = Self.add(left, keys[5], to: right, below: width)
    left = Self.add(right, keys[6], to: left, below: height)
    right = Self.add(left, keys[7], to: right, below: width)
    return left &* width &+ right
  }

  /// `(half + mix(other ^ key) * limit / 2^64) mod limit`, for `half < limit < 2^33`.
  @inline(__always)
  private static func add(
    _ other: UInt64, _ key: UInt64, to half: UInt64, below limit: UInt64
  ) -> UInt64 {
    let sum = half &+ OrderKey.mix(other ^ key).multipliedFullWidth(by: limit).high
    return sum >= limit ? sum &- limit : sum
  }

  @inline(__always)
  private static func subtract(
    _ other: UInt64, _ key: UInt64, from half: UInt64, below limit: UInt64
  ) -> UInt64 {
    let term = OrderKey.mix(other ^ key).multipliedFullWidth(by: limit).high
    return half >= term ? half &- term : half &+ limit &- term
  }

  /// The smallest integer whose square is not below `square`, for `square < 2^63`.
  private static func ceilingOfRoot(_ square: UInt64) -> UInt64 {
    var root = UInt64(Double(square).squareRoot())
    while root * root < square { root += 1 }
    while root > 0 && (root - 1) * (root - 1) >= square { root -= 1 }
    return root
  }
}
