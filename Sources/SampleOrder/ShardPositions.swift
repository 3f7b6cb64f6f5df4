/// The positions of a shard, rising, to the end of an epoch. Make it with `RankShard.positions`.
public struct ShardPositions: Sequence, Hashable, Sendable {
  /// Whose positions these are.
  public let shard: RankShard
  /// The run's first position, and the position after the epoch's last.
  public let start, end: Int

  /// How many positions there are.
  public var count: Int {
    let left = end - start - shard.offset
    return left <= 0 ? 0 : (left - 1) / shard.step + 1
  }

  /// An iterator at the first position.
  public func makeIterator() -> Iterator {
    let step = shard.step
    return Iterator(
      from: shard.offset < end - start ? start + shard.offset : end, end: end, step: step)
  }

  /// A value: a copy goes on by itself.
  public struct Iterator: IteratorProtocol, Hashable, Sendable {
    private var upcoming: Int
    private let end: Int
    private let step: Int

    fileprivate init(from first: Int, end: Int, step: Int) {
      upcoming = first
      self.end = end
      self.step = step
    }

    /// The next position; `nil` after the last.
    @inline(__always)
    public mutating func next() -> Int? {
      guard upcoming < end else { return nil }
      defer { upcoming = step < end - upcoming ? upcoming + step : end }
      return upcoming
    }
  }
}

/// The samples of a shard, in the order of their positions. Make it with `RankShard.samples`.
public struct ShardSamples: Sequence, Sendable {
  let order: EpochOrder
  /// The positions at which the samples stand.
  public let positions: ShardPositions

  /// How many samples there are.
  public var count: Int { positions.count }

  /// An iterator at the first sample.
  public func makeIterator() -> Iterator {
    Iterator(reader: OrderReader(order), positions: positions.makeIterator())
  }

  /// A value: a copy goes on by itself.
  public struct Iterator: IteratorProtocol, Sendable {
    fileprivate var reader: OrderReader
    fileprivate var positions: ShardPositions.Iterator

    /// The next sample; `nil` after the last.
    @inline(__always)
    public mutating func next() -> Int? {
      guard let position = positions.next() else { return nil }
      return reader.sample(at: position)
    }
  }
}
