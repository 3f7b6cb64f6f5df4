import Foundation
import Testing

@testable import SampleOrder

@Suite struct RankShardTests {
  private static let kinds: [EpochOrder.Kind] = [.sequential, .global, .chunked(window: 3)]

  private func order(_ kind: EpochOrder.Kind, count: Int) throws -> EpochOrder {
    let sizes = (0..<count / 7).map { _ in 7 } + [count % 7]
    return try EpochOrder(kind, chunkStarts: starts(of: sizes), seed: 11, epoch: 2)
  }

  @Test(arguments: [1, 3, 8, 64], [1, 2, 5]) func everySampleIsReadOnce(
    ranks: Int, workers: Int
  ) throws {
    for kind in Self.kinds {
      for count in [0, 1, 63, 64, 65, 1_000] {
        let order = try order(kind, count: count)
        var samples: [Int] = []
        for rank in 0..<ranks {
          for worker in 0..<workers {
            let shard = try RankShard(rank: rank, ranks: ranks, worker: worker, workers: workers)
            let own = Array(try shard.samples(of: order))
            #expect(own.count == (try shard.positions(count: count)).count)
            samples += own
          }
        }
        #expect(samples.sorted() == Array(0..<count))
      }
    }
  }

  @Test func positionsAreThoseOfTheDesign() throws {
    #expect(Array(try RankShard(rank: 1, ranks: 3).positions(count: 11)) == [1, 4, 7, 10])
    let worker = try RankShard(rank: 1, ranks: 3, worker: 1, workers: 2)
    #expect(Array(try worker.positions(count: 11)) == [4, 10])
    #expect(Array(try worker.positions(from: 2, count: 11)) == [6])
    #expect(Array(try RankShard(rank: 0, ranks: 1).positions(from: 11, count: 11)) == [])
  }

  /// A run stops after whole steps of all its ranks, and goes on with another number of them.
  @Test func resumeOnOtherRanksLosesAndRepeatsNothing() throws {
    for kind in Self.kinds {
      let count = 1_003
      let order = try order(kind, count: count)
      var state = EpochState(version: "v", seed: 11, epoch: 2)
      var samples: [Int] = []
      for (ranks, steps) in [(3, 40), (8, 17), (1, 5), (64, 3), (5, 1_000)] {
        var iterators = try (0..<ranks).map {
          try RankShard(rank: $0, ranks: ranks).samples(of: order, from: state.position)
            .makeIterator()
        }
        for _ in 0..<steps {
          for rank in 0..<ranks {
            guard let sample = iterators[rank].next() else { continue }
            samples.append(sample)
            state.position += 1
          }
        }
        // All that is kept is what the state says.
        state = try JSONDecoder().decode(EpochState.self, from: JSONEncoder().encode(state))
      }
      #expect(state.position == count)
      #expect(samples == (0..<count).map { order[$0] })
    }
  }

  @Test func copiedIteratorsGoOnByThemselves() throws {
    var first = try RankShard(rank: 1, ranks: 4).samples(of: order(.global, count: 100))
      .makeIterator()
    _ = first.next()
    var second = first
    let rest = (0..<5).map { _ in first.next() }
    #expect((0..<5).map { _ in second.next() } == rest)
  }

  @Test func hugeEpochsEndWithoutOverflow() throws {
    let shard = try RankShard(rank: (1 << 20) - 1, ranks: 1 << 20, worker: 1, workers: 1 << 20)
    let positions = try shard.positions(from: .max - 3, count: .max)
    #expect(Array(positions) == [] && positions.count == 0)
    let last = try RankShard(rank: 2, ranks: 5).positions(from: .max - 4, count: .max)
    #expect(Array(last) == [.max - 2] && last.count == 1)
  }

  @Test func shardsThatDoNotExistAreRefused() {
    for (rank, ranks, worker, workers) in [
      (3, 3, 0, 1), (-1, 3, 0, 1), (0, 0, 0, 1), (0, 1, 1, 1), (0, 1, 0, 0), (0, 1, -1, 2),
    ] {
      #expect(
        throws: SampleOrderError.noSuchShard(
          rank: rank, ranks: ranks, worker: worker, workers: workers)
      ) { try RankShard(rank: rank, ranks: ranks, worker: worker, workers: workers) }
    }
    #expect(throws: SampleOrderError.self) { try RankShard(rank: 0, ranks: .max, workers: .max) }
    #expect(throws: SampleOrderError.noSuchPosition(12, range: 0...11)) {
      try RankShard(rank: 0, ranks: 1).positions(from: 12, count: 11)
    }
  }
}
