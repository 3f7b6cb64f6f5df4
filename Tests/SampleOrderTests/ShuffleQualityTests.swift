import Testing

@testable import SampleOrder

/// Statistics of permutations, each against what a uniformly drawn one has, at five standard
/// deviations.
@Suite struct ShuffleQualityTests {
  private func order(_ count: Int, seed: UInt64, epoch: Int = 0) -> [Int] {
    let permutation = SamplePermutation(count: count, seed: seed, epoch: epoch)
    return [Int](unsafeUninitializedCapacity: count) { buffer, filled in
      permutation.fill(0..<count, into: buffer)
      filled = count
    }
  }

  @Test(arguments: [1_000, 4_096, 100_003]) func positionsAndSamplesAreIndependent(count: Int) {
    let cells = 16
    for seed in 0..<4 as Range<UInt64> {
      var table = [Double](repeating: 0, count: cells * cells)
      for (position, sample) in order(count, seed: seed).enumerated() {
        table[position * cells / count * cells + sample * cells / count] += 1
      }
      let expected = Double(count) / Double(cells * cells)
      let chi = table.reduce(0) { $0 + ($1 - expected) * ($1 - expected) / expected }
      let freedom = Double((cells - 1) * (cells - 1))
      #expect(abs(chi - freedom) < 5 * (2 * freedom).squareRoot(), "seed \(seed): \(chi)")
    }
  }

  @Test(arguments: [50, 1_000, 65_536]) func neighboursAreUncorrelated(count: Int) {
    for seed in 0..<6 as Range<UInt64> {
      let samples = order(count, seed: seed)
      let mean = Double(count - 1) / 2
      let variance = (Double(count) * Double(count) - 1) / 12
      for lag in [1, 2, 3, 7] {
        var sum = 0.0
        for index in 0..<count - lag {
          sum += (Double(samples[index]) - mean) * (Double(samples[index + lag]) - mean)
        }
        let correlation = sum / variance / Double(count - lag)
        #expect(abs(correlation) < 5 / Double(count).squareRoot() + 2 / Double(count))
      }
    }
  }

  /// Samples that keep their position, and pairs that stay neighbours: Poisson, one a permutation.
  @Test(arguments: [10, 64, 1_000, 1_024]) func littleStaysInPlace(count: Int) {
    let trials = count < 100 ? 1_000 : 200
    var fixed = 0
    var pairs = 0
    for seed in 0..<UInt64(trials) {
      let samples = order(count, seed: seed)
      for index in 0..<count {
        fixed += samples[index] == index ? 1 : 0
        pairs += index + 1 < count && samples[index + 1] == samples[index] + 1 ? 1 : 0
      }
    }
    let deviation = Double(trials).squareRoot()
    #expect(abs(Double(fixed) - Double(trials)) < 5 * deviation, "fixed \(fixed) of \(trials)")
    let expected = Double(trials) * Double(count - 1) / Double(count)
    #expect(abs(Double(pairs) - expected) < 5 * deviation, "pairs \(pairs) of \(trials)")
  }

  @Test func everySeedAndEpochHasItsOwnOrder() {
    var seen = Set<[Int]>()
    for seed in [0, 1, 2, 1 << 63, .max] as [UInt64] {
      for epoch in [-1, 0, 1, 2, .max] { seen.insert(order(1_000, seed: seed, epoch: epoch)) }
    }
    #expect(seen.count == 25)
    // Two epochs agree in about one position, as two drawn orders do.
    let same = zip(order(10_000, seed: 5, epoch: 0), order(10_000, seed: 5, epoch: 1))
    #expect(same.count { $0 == $1 } < 8)
  }
}
