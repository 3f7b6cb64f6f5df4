import SeededRandom
import Testing

@testable import SampleOrder

@Suite struct SamplePermutationTests {
  @Test func isWhatTheSchemaSays() throws {
    for example in try GoldenOrder.load().permutations {
      let seed = try #require(UInt64(example.seed))
      let order = SamplePermutation(count: example.count, seed: seed, epoch: example.epoch)
      #expect((0..<min(20, example.count)).map { order[$0] } == example.first)
      let epoch = try EpochOrder(.global, count: example.count, seed: seed, epoch: example.epoch)
      let digest = try OrderDigest.digest(of: epoch, readBy: [.init(ranks: 1)])
      #expect(digest.description == example.digest)
    }
  }

  @Test func largeCountsAreWhatTheSchemaSays() throws {
    for example in try GoldenOrder.load().large {
      let order = SamplePermutation(
        count: example.count, seed: try #require(UInt64(example.seed)), epoch: example.epoch)
      #expect(example.positions.map { order[$0] } == example.samples)
      #expect(example.samples.map { order.position(of: $0) } == example.positions)
    }
  }

  @Test(arguments: [
    1, 2, 3, 4, 5, 6, 7, 8, 9, 15, 16, 17, 31, 32, 33, 97, 127, 128, 129, 255, 256, 257, 1_000,
    1_023,
    1_024, 1_025, 4_095, 4_096, 4_097, 7_919, 65_535, 65_536, 65_537, 1_000_000,
  ])
  func takesEverySampleOnce(count: Int) {
    for seed in count < 1_000 ? [0, 1, 2, 3] : [9 as UInt64] {
      let order = SamplePermutation(count: count, seed: seed, epoch: Int(seed) - 1)
      var samples = [Int](repeating: -1, count: count)
      samples.withUnsafeMutableBufferPointer { order.fill(0..<count, into: $0) }
      var seen = [Bool](repeating: false, count: count)
      for sample in samples {
        #expect(!seen[sample])
        seen[sample] = true
      }
      for position in stride(from: 0, to: count, by: max(1, count / 2_000)) {
        #expect(order[position] == samples[position])
        #expect(order.position(of: samples[position]) == position)
      }
    }
  }

  @Test func emptyPermutationFillsNothing() {
    let order = SamplePermutation(count: 0, seed: 1, epoch: 1)
    withUnsafeTemporaryAllocation(of: Int.self, capacity: 1) { buffer in
      buffer[0] = 42
      order.fill(0..<0, into: buffer)
      #expect(buffer[0] == 42)
    }
  }

  @Test func anyRangeIsFilledAsTheSubscriptSays() {
    var random = SeededGenerator(seed: 4)
    for _ in 0..<200 {
      let count = Int.random(in: 1...5_000, using: &random)
      let order = SamplePermutation(
        count: count, seed: random.next(), epoch: Int.random(in: 0...9, using: &random))
      let start = Int.random(in: 0...count, using: &random)
      let end = Int.random(in: start...count, using: &random)
      var samples = [Int](repeating: -1, count: end - start)
      samples.withUnsafeMutableBufferPointer { order.fill(start..<end, into: $0) }
      #expect(samples == (start..<end).map { order[$0] })
    }
  }

  /// All orders of tiny counts appear, about equally often.
  @Test(arguments: [2, 3, 4]) func smallOrdersAreAllReached(count: Int) {
    var seen: [[Int]: Int] = [:]
    for seed in 0..<2_400 as Range<UInt64> {
      let order = SamplePermutation(count: count, seed: seed, epoch: 0)
      seen[(0..<count).map { order[$0] }, default: 0] += 1
    }
    let kinds = [2: 2, 3: 6, 4: 24][count] ?? 0
    #expect(seen.count == kinds)
    let expected = 2_400.0 / Double(kinds)
    let chi = seen.values.reduce(0.0) { $0 + (Double($1) - expected) * (Double($1) - expected) }
    #expect(chi / expected < Double(kinds - 1) + 5 * (2 * Double(kinds - 1)).squareRoot())
  }
}
