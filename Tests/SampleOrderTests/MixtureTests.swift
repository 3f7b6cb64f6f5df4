import Testing

@testable import SampleOrder

@Suite struct MixtureTests {
  @Test func isWhatTheSchemaSays() throws {
    for example in try GoldenOrder.load().mixtures {
      let mixture = try Mixture(
        counts: example.counts, weights: example.weights,
        seed: try #require(UInt64(example.seed)), block: example.block)
      #expect(mixture.slots == example.slots)
      let draws = example.positions.map { mixture[$0] }
      #expect(draws.map { [$0.dataset, $0.epoch, $0.position] } == example.draws)
    }
  }

  @Test func proportionsAreExactAndStreamsAreWhole() throws {
    let counts = [1_000, 7, 90]
    let mixture = try Mixture(counts: counts, weights: [5, 1, 2], seed: 3, block: 80)
    #expect(mixture.slots == [50, 10, 20])
    let draws = mixture.draws(at: 0..<80 * 40)
    for block in 0..<40 {
      let part = draws[block * 80..<block * 80 + 80]
      for dataset in 0..<3 {
        #expect(part.count { $0.dataset == dataset } == mixture.slots[dataset])
      }
    }
    // Each dataset's indices are 0, 1, 2...: none left out, none twice.
    for dataset in 0..<3 {
      let indices = draws.filter { $0.dataset == dataset }
        .map { $0.epoch * counts[dataset] + $0.position }
      #expect(indices.sorted() == Array(0..<mixture.slots[dataset] * 40))
    }
    // Blocks differ, and datasets alternate within them.
    #expect(draws[0..<80].map(\.dataset) != draws[80..<160].map(\.dataset))
    #expect(zip(draws, draws.dropFirst()).count { $0.dataset != $1.dataset } > 1_200)
  }

  @Test func drawsOfARangeAreThoseOfItsPositions() throws {
    let mixture = try Mixture(counts: [10, 20], weights: [1, 3], seed: 9, block: 7)
    #expect(mixture.draws(at: 5..<40) == (5..<40).map { mixture[$0] })
    #expect(mixture[1 << 62].dataset < 2)
  }

  @Test func weightsThatMakeNoMixtureAreRefused() {
    let cases: [([Int], [Double], Int, SampleOrderError)] = [
      ([1], [.nan], 8, .invalidWeight(dataset: 0, weight: "nan")),
      ([1, 1], [1, -0.5], 8, .invalidWeight(dataset: 1, weight: "-0.5")),
      ([1], [.infinity], 8, .invalidWeight(dataset: 0, weight: "inf")),
      ([1, 1], [0, 0], 8, .noWeight), ([1, 0], [1, 1], 8, .emptyDataset(1)),
      ([1], [1, 1], 8, .mismatchedWeights(weights: 2, datasets: 1)),
      ([], [], 8, .mismatchedWeights(weights: 0, datasets: 0)),
      ([1], [1], 0, .invalidBlock(0)),
      ([1, 1], [1, 0.001], 8, .weightTooSmall(dataset: 1, weight: "0.001", block: 8)),
    ]
    for (counts, weights, block, error) in cases {
      #expect(throws: error) {
        try Mixture(counts: counts, weights: weights, seed: 0, block: block)
      }
    }
  }

  @Test func extremeWeightsAreScaled() throws {
    let large = try Mixture(
      counts: [1, 1, 1], weights: [.greatestFiniteMagnitude, .greatestFiniteMagnitude, 0], seed: 0)
    #expect(large.slots == [32_768, 32_768, 0])
    let small = try Mixture(
      counts: [1, 1], weights: [.leastNonzeroMagnitude, .leastNonzeroMagnitude], seed: 0, block: 3)
    #expect(small.slots == [2, 1])
  }
}
