/// Samples of several datasets, by weight: an endless sequence of draws, any of them in constant
/// time.
///
/// Positions are cut into blocks. In each block a dataset has as many slots as its share of the
/// weights, by largest remainder, so that proportions are exact block by block; which slots they
/// are is a keyed permutation, another one each block. A dataset's slots read its own endless
/// stream of epochs, each index of it once. `Schemas/sample-order.md` has every step.
///
///     let mixture = try Mixture(counts: [1_000, 50], weights: [0.9, 0.1], seed: 7)
///     let draw = mixture[12]  // dataset, epoch, position
///     let sample = orders(of: draw.dataset, epoch: draw.epoch)[draw.position]
public struct Mixture: Hashable, Sendable {
  /// What stands at a position of a mixture.
  public struct Draw: Hashable, Sendable {
    /// The number of the dataset, in the order in which they were given.
    public let dataset: Int
    /// The epoch of that dataset, from 0.
    public let epoch: Int
    /// The position within that epoch.
    public let position: Int
  }

  /// Samples of each dataset.
  public let counts: [Int]
  /// Slots of each dataset in a block.
  public let slots: [Int]
  /// Slots of a block, all datasets together.
  public let block: Int

  /// First slot of each dataset, then `block`.
  private let firsts: [Int]
  private let seed: UInt64

  /// The mixture of datasets of `counts` samples.
  ///
  /// - Parameter weights: one a dataset, from 0 on, in any unit.
  /// - Parameter block: slots of a block, 1 to 2^30; the smallest share is one of them.
  /// - Throws: `SampleOrderError` where weights or counts make no mixture.
  public init(
    counts: [Int], weights: [Double], seed: UInt64, block: Int = 65_536
  ) throws(SampleOrderError) {
    guard 1...1 << 30 ~= block else { throw .invalidBlock(block) }
    guard counts.count == weights.count, !counts.isEmpty else {
      throw .mismatchedWeights(weights: weights.count, datasets: counts.count)
    }
    for (dataset, weight) in weights.enumerated() {
      guard weight >= 0, weight.isFinite else {
        throw .invalidWeight(dataset: dataset, weight: "\(weight)")
      }
      guard weight == 0 || counts[dataset] >= 1 else { throw .emptyDataset(dataset) }
    }
    guard let largest = weights.max(), largest > 0 else { throw .noWeight }
    slots = Self.apportion(block, by: weights.map { $0 / largest })
    for (dataset, weight) in weights.enumerated() where weight > 0 && slots[dataset] == 0 {
      throw .weightTooSmall(dataset: dataset, weight: "\(weight)", block: block)
    }
    self.counts = counts
    self.block = block
    self.seed = seed
    firsts = slots.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1) }
  }

  /// What stands at `position`, from 0 to 2^62; any other stops.
  ///
  /// - Complexity: one permuted number and a binary search over the datasets.
  public subscript(position: Int) -> Draw {
    precondition(0...Self.last ~= position, "position \(position) of a mixture")
    let (number, place) = position.quotientAndRemainder(dividingBy: block)
    let slot = permutation(ofBlock: number)[place]
    return draw(slot: slot, ofBlock: number)
  }

  /// The draws at `positions`, one after another: one permutation a block, not one a position.
  public func draws(at positions: Range<Int>) -> [Draw] {
    precondition(positions.lowerBound >= 0 && positions.upperBound <= Self.last, "\(positions)")
    var draws: [Draw] = []
    draws.reserveCapacity(positions.count)
    var position = positions.lowerBound
    while position < positions.upperBound {
      let (number, place) = position.quotientAndRemainder(dividingBy: block)
      let permutation = permutation(ofBlock: number)
      let count = min(block - place, positions.upperBound - position)
      for place in place..<place + count {
        draws.append(draw(slot: permutation[place], ofBlock: number))
      }
      position += count
    }
    return draws
  }

  private static let last = 1 << 62

  private func permutation(ofBlock number: Int) -> SamplePermutation {
    SamplePermutation(count: block, key: OrderKey(.mixture, seed: seed, epoch: number))
  }

  private func draw(slot: Int, ofBlock number: Int) -> Draw {
    var low = 0
    var high = counts.count
    while high - low > 1 {
      let middle = low + (high - low) / 2
      if firsts[middle] <= slot { low = middle } else { high = middle }
    }
    // Below 2^62 and a block: it cannot overflow.
    let index = number * slots[low] + (slot - firsts[low])
    let (epoch, position) = index.quotientAndRemainder(dividingBy: counts[low])
    return Draw(dataset: low, epoch: epoch, position: position)
  }

  /// `total` slots in the proportions of `weights`, by largest remainder; ties go to the first.
  private static func apportion(_ total: Int, by weights: [Double]) -> [Int] {
    let sum = weights.reduce(0, +)
    let shares = weights.map { $0 / sum * Double(total) }
    var slots = shares.map { Int($0) }
    let byRemainder = shares.indices.sorted { left, right in
      let lefts = shares[left] - Double(Int(shares[left]))
      let rights = shares[right] - Double(Int(shares[right]))
      return lefts == rights ? left < right : lefts > rights
    }
    for dataset in byRemainder.prefix(max(0, total - slots.reduce(0, +))) { slots[dataset] += 1 }
    return slots
  }
}
