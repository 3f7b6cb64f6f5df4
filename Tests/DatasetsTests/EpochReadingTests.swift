import Datasets
import Foundation
import SampleOrder
import SeededRandom
import Testing

/// Epochs of a real dataset, read by ranks and workers as a training run reads them.
@Suite struct EpochReadingTests {
  private let fixture: DatasetFixture
  private let samples: [[UInt8]]

  init() throws {
    fixture = try DatasetFixture()
    var random = SeededGenerator(seed: 11)
    samples = (0..<3001).map { number in
      Array("\(number) ".utf8)
        + (0..<Int.random(in: 0...200, using: &random)).map { _ in
          UInt8.random(in: 0...255, using: &random)
        }
    }
    try fixture.publish(samples)
  }

  /// What ranks and their workers read from a position on, in the order of the positions, and the
  /// position behind `limit` samples of each shard.
  private func read(
    _ order: EpochOrder, ranks: Int, workers: Int, from start: Int, limit: Int = .max
  ) throws -> (read: [[UInt8]], position: Int) {
    let dataset = try Dataset(DatasetReference(name: "d"), in: fixture.store)
    var shards: [[[UInt8]]] = []
    for worker in 0..<workers {
      for rank in 0..<ranks {
        let shard = try RankShard(rank: rank, ranks: ranks, worker: worker, workers: workers)
        // A reader each, as processes have.
        let reader = SampleReader(dataset)
        shards.append(
          try shard.samples(of: order, from: start).prefix(limit).map { try reader.sample($0) })
      }
    }
    var merged: [[UInt8]] = []
    for round in 0..<(shards.map(\.count).max() ?? 0) {
      for shard in shards where round < shard.count { merged.append(shard[round]) }
    }
    return (merged, start + merged.count)
  }

  @Test(arguments: [
    EpochOrder.Kind.global, .chunked(window: 3), .sequential,
  ]) func noSampleIsLostOrRepeatedOnAnyTopology(kind: EpochOrder.Kind) throws {
    let dataset = try Dataset(DatasetReference(name: "d"), in: fixture.store)
    let order = try dataset.order(kind, seed: 5, epoch: 2)
    let one = try read(order, ranks: 1, workers: 1, from: 0).read
    #expect(Set(one).count == samples.count && Set(one) == Set(samples))
    #expect(kind == .sequential || one != samples)
    for (ranks, workers) in [(1, 4), (3, 1), (8, 2), (64, 1), (64, 3)] {
      #expect(try read(order, ranks: ranks, workers: workers, from: 0).read == one)
    }
  }

  @Test func aResumeOnOtherRanksGoesOnWithTheNextSample() throws {
    let dataset = try Dataset(DatasetReference(name: "d"), in: fixture.store)
    let order = try dataset.order(.global, seed: 9, epoch: 0)
    let whole = try read(order, ranks: 1, workers: 1, from: 0).read
    for (first, second, steps) in [(3, 8, 100), (8, 1, 17), (64, 3, 40), (1, 64, 2999)] {
      let before = try read(order, ranks: first, workers: 1, from: 0, limit: steps)
      // Four numbers are all that is kept.
      let state = EpochState(
        version: dataset.manifest.identity, seed: 9, epoch: 0, position: before.position)
      let kept = try JSONDecoder().decode(
        EpochState.self, from: try JSONEncoder().encode(state))
      let again = try dataset.order(.global, seed: kept.seed, epoch: kept.epoch)
      let after = try read(again, ranks: second, workers: 2, from: kept.position)
      #expect(before.read + after.read == whole)
    }
  }
}
