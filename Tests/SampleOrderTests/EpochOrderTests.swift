import SeededRandom
import Testing

@testable import SampleOrder

@Suite struct EpochOrderTests {
  @Test func chunkedIsWhatTheSchemaSays() throws {
    for example in try GoldenOrder.load().chunked {
      let order = try EpochOrder(
        .chunked(window: example.window), chunkStarts: starts(of: example.sizes),
        seed: try #require(UInt64(example.seed)), epoch: example.epoch)
      #expect((0..<min(20, order.count)).map { order[$0] } == example.first)
      let digest = try OrderDigest.digest(of: order, readBy: [.init(ranks: 1)])
      #expect(digest.description == example.digest)
    }
  }

  @Test func chunkedTakesEverySampleOnceAndStaysInItsWindow() throws {
    var random = SeededGenerator(seed: 8)
    for _ in 0..<60 {
      let sizes = (0..<Int.random(in: 1...30, using: &random)).map { _ in
        Int.random(in: 0...40, using: &random)
      }
      let window = Int.random(in: 1...10, using: &random)
      let order = try EpochOrder(
        .chunked(window: window), chunkStarts: starts(of: sizes), seed: random.next(), epoch: 2)
      let samples = (0..<order.count).map { order[$0] }
      #expect(samples.sorted() == Array(0..<sizes.reduce(0, +)))
      let chunkOf = sizes.enumerated().flatMap { [Int](repeating: $0.offset, count: $0.element) }
      // Chunks come in groups of at most `window`, each group's done before the next begins.
      var done = Set<Int>()
      var open = Set<Int>()
      var left = sizes
      for sample in samples {
        let chunk = chunkOf[sample]
        #expect(!done.contains(chunk))
        open.insert(chunk)
        #expect(open.count <= window)
        left[chunk] -= 1
        if open.allSatisfy({ left[$0] == 0 }) {
          done.formUnion(open)
          open = []
        }
      }
      var filled = [Int](repeating: -1, count: order.count)
      filled.withUnsafeMutableBufferPointer { order.fill(0..<order.count, into: $0) }
      #expect(filled == samples)
    }
  }

  @Test func chunkedMixesChunksOfAWindow() throws {
    let sizes = [Int](repeating: 100, count: 64)
    let order = try EpochOrder(
      .chunked(window: 8), chunkStarts: starts(of: sizes), seed: 3, epoch: 0)
    let chunks = (0..<800).map { order[$0] / 100 }
    #expect(Set(chunks).count == 8)
    #expect(zip(chunks, chunks.dropFirst()).count { $0 == $1 } < 200)
    #expect(Set(chunks) != Set(0..<8))
    let later = try EpochOrder(
      .chunked(window: 8), chunkStarts: starts(of: sizes), seed: 3, epoch: 1)
    #expect(Set((0..<800).map { later[$0] / 100 }) != Set(chunks))
  }

  @Test func sequentialIsTheDatasetsOwnOrder() throws {
    let order = try EpochOrder(.sequential, count: 10, seed: 3, epoch: 1)
    #expect((0..<10).map { order[$0] } == Array(0..<10))
  }

  @Test func emptyDatasetsHaveEmptyOrders() throws {
    for kind in [.sequential, .global, .chunked(window: 3)] as [EpochOrder.Kind] {
      for starts in [[0], [0, 0], [0, 0, 0]] {
        let order = try EpochOrder(kind, chunkStarts: starts, seed: 1, epoch: 0)
        #expect(order.count == 0)
        #expect(try RankShard(rank: 0, ranks: 1).samples(of: order).map { $0 } == [])
      }
    }
  }

  @Test func malformedChunksAreRefused() {
    #expect(throws: SampleOrderError.malformedChunks(chunk: 2, start: 3, expected: 5)) {
      try EpochOrder(.chunked(window: 2), chunkStarts: [0, 5, 3], seed: 0, epoch: 0)
    }
    #expect(throws: SampleOrderError.malformedChunks(chunk: 0, start: 1, expected: 0)) {
      try EpochOrder(.chunked(window: 2), chunkStarts: [1, 5], seed: 0, epoch: 0)
    }
    #expect(throws: SampleOrderError.emptyWindow(0)) {
      try EpochOrder(.chunked(window: 0), chunkStarts: [0, 5], seed: 0, epoch: 0)
    }
    #expect(throws: SampleOrderError.malformedChunks(chunk: 1, start: -1, expected: 0)) {
      try EpochOrder(.global, count: -1, seed: 0, epoch: 0)
    }
  }
}
