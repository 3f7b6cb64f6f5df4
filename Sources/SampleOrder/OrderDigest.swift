import Digests

/// One number for the order of a whole epoch: SHA-256 over its samples' numbers, 64 bits
/// little-endian each, in the order of their positions.
///
/// The numbers come from the iterators that ranks and workers use, in turn, so that equal digests
/// show that two topologies, or a run and its resume, read the same samples in the same order.
public struct OrderDigest: Sendable {
  /// A stretch of a run: from a position on, with so many ranks and workers.
  public struct Stretch: Hashable, Sendable {
    /// The position at which the run starts or resumes.
    public let start: Int
    /// Its number of ranks, and of workers a rank.
    public let ranks, workers: Int

    /// A stretch from `start` to the next one's, or to the end of the epoch.
    public init(start: Int = 0, ranks: Int, workers: Int = 1) {
      self.start = start
      self.ranks = ranks
      self.workers = workers
    }
  }

  /// The digest of an epoch read by `stretches`, one after another.
  ///
  /// - Parameter stretches: the first starts at 0, none before the one before it.
  /// - Parameter progress: called about every 100,000 samples with how many are done; may throw to
  ///   stop.
  /// - Throws: `SampleOrderError`, or what `progress` throws.
  /// - Complexity: one pass; memory for one iterator a worker.
  public static func digest(
    of order: EpochOrder, readBy stretches: [Stretch], progress: (Int) throws -> Void = { _ in }
  ) throws -> SHA256Digest {
    var hasher = SHA256Hasher()
    var buffer: [UInt64] = []
    buffer.reserveCapacity(batch)
    var done = 0
    for (index, stretch) in stretches.enumerated() {
      let last = index + 1 == stretches.count
      let end = last ? order.count : stretches[index + 1].start
      // Nothing may be left out or read twice: a stretch starts where the one before stopped.
      guard stretch.start == done, end >= done, end <= order.count else {
        throw SampleOrderError.noSuchPosition(
          stretch.start == done ? end : stretch.start, range: done...max(done, order.count))
      }
      var iterators = try iterators(of: stretch, order: order)
      var turn = 0
      while done < end {
        let stop = min(end, done + batch)
        while done < stop {
          guard let sample = iterators[turn].next() else {
            throw SampleOrderError.noSuchPosition(done, range: 0...order.count)
          }
          buffer.append(UInt64(sample).littleEndian)
          done += 1
          turn += 1
          if turn == iterators.count { turn = 0 }
        }
        buffer.withUnsafeBytes { hasher.update($0) }
        buffer.removeAll(keepingCapacity: true)
        try progress(done)
      }
    }
    guard done == order.count else {
      throw SampleOrderError.noSuchPosition(done, range: 0...order.count)
    }
    return hasher.finalize()
  }

  private static let batch = 100_000
  private static let limit = 1 << 16

  /// The iterators of all ranks' workers, in the order in which they take their turns.
  private static func iterators(
    of stretch: Stretch, order: EpochOrder
  ) throws(SampleOrderError) -> [ShardSamples.Iterator] {
    let (ranks, workers) = (stretch.ranks, stretch.workers)
    let (product, overflow) = ranks.multipliedReportingOverflow(by: workers)
    guard ranks >= 1, workers >= 1 else {
      throw .noSuchShard(rank: 0, ranks: ranks, worker: 0, workers: workers)
    }
    guard !overflow, product <= limit else {
      throw .tooManyShards(ranks: ranks, workers: workers, limit: limit)
    }
    var iterators: [ShardSamples.Iterator] = []
    iterators.reserveCapacity(product)
    for worker in 0..<workers {
      for rank in 0..<ranks {
        let shard = try RankShard(rank: rank, ranks: ranks, worker: worker, workers: workers)
        iterators.append(try shard.samples(of: order, from: stretch.start).makeIterator())
      }
    }
    return iterators
  }
}
