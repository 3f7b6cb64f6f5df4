/// The part of an epoch that one worker of one rank reads.
///
/// From a starting position s on, rank r of R takes s + r, s + r + R, s + r + 2R and so on; worker w
/// of n takes every n-th of its rank's, from the w-th on. Counted from where the run starts or
/// resumes, so that ranks that take one sample each have consumed R positions in a row, whatever
/// number of ranks came before.
public struct RankShard: Hashable, Sendable {
  /// The rank, from 0, and how many there are.
  public let rank, ranks: Int
  /// The worker of the rank, from 0, and how many each rank has.
  public let worker, workers: Int

  /// The part of a worker of a rank.
  ///
  /// - Throws: `noSuchShard` where a number is negative or not below its total, `tooManyShards`
  ///   where the totals' product is above 2^40.
  public init(rank: Int, ranks: Int, worker: Int = 0, workers: Int = 1) throws(SampleOrderError) {
    guard rank >= 0, worker >= 0, rank < ranks, worker < workers else {
      throw .noSuchShard(rank: rank, ranks: ranks, worker: worker, workers: workers)
    }
    let (product, overflow) = ranks.multipliedReportingOverflow(by: workers)
    guard !overflow, product <= Self.limit else {
      throw .tooManyShards(ranks: ranks, workers: workers, limit: Self.limit)
    }
    self.rank = rank
    self.ranks = ranks
    self.worker = worker
    self.workers = workers
  }

  private static let limit = 1 << 40

  /// Positions between two of this shard.
  var step: Int { ranks * workers }

  /// Positions from the start to this shard's first.
  var offset: Int { rank + ranks * worker }

  /// This shard's positions of an epoch of `count` samples, from `start` on.
  ///
  /// - Throws: `noSuchPosition` where `start` is not in `0...count`.
  public func positions(
    from start: Int = 0, count: Int
  ) throws(SampleOrderError) -> ShardPositions {
    let range = 0...max(0, count)
    guard range.contains(start) else { throw .noSuchPosition(start, range: range) }
    return ShardPositions(shard: self, start: start, end: max(0, count))
  }

  /// This shard's samples of an epoch, from the position `start` on.
  ///
  /// - Throws: `noSuchPosition` where `start` is not in `0...order.count`.
  public func samples(
    of order: EpochOrder, from start: Int = 0
  ) throws(SampleOrderError) -> ShardSamples {
    ShardSamples(order: order, positions: try positions(from: start, count: order.count))
  }
}
