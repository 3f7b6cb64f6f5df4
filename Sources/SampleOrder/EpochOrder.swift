/// The order of one epoch: which sample stands at which position.
///
///     let order = try EpochOrder(.global, count: version.count, seed: 7, epoch: 0)
///     let sample = order[position]
///
/// An order follows from its kind, the dataset's sample counts, the seed and the epoch alone.
public struct EpochOrder: Hashable, Sendable {
  /// How an epoch is shuffled.
  public enum Kind: Hashable, Sendable, Codable {
    /// Not at all: position 12 is sample 12.
    case sequential
    /// Over the whole dataset; constant memory.
    case global
    /// Chunks, and then samples within windows of so many chunks; 16 bytes a chunk. Near positions
    /// are in few chunks, for storage where random reads are dear.
    case chunked(window: Int)
  }

  enum Layout: Hashable, Sendable {
    case sequential
    case global(SamplePermutation)
    case chunked(ChunkedOrder)
  }

  /// How many samples an epoch has.
  public let count: Int
  let layout: Layout

  /// The order of an epoch of a dataset cut into chunks.
  ///
  /// - Parameter chunkStarts: first sample of each chunk, rising from 0, and the number of samples
  ///   last; `[0]` is an empty dataset.
  /// - Throws: `malformedChunks` or `emptyWindow`.
  /// - Complexity: `global` and `sequential` constant, `chunked` one step a chunk.
  public init(
    _ kind: Kind, chunkStarts: [Int], seed: UInt64, epoch: Int
  ) throws(SampleOrderError) {
    switch kind {
    case .chunked(let window):
      let order = try ChunkedOrder(starts: chunkStarts, window: window, seed: seed, epoch: epoch)
      count = order.count
      layout = .chunked(order)
    case .sequential, .global:
      let last = chunkStarts.last ?? 0
      guard last >= 0 else {
        throw .malformedChunks(chunk: chunkStarts.count - 1, start: last, expected: 0)
      }
      count = last
      layout =
        kind == .global
        ? .global(SamplePermutation(count: last, seed: seed, epoch: epoch)) : .sequential
    }
  }

  /// The order of an epoch of `count` samples in one chunk.
  ///
  /// - Throws: `malformedChunks` where `count` is negative, or `emptyWindow`.
  public init(_ kind: Kind, count: Int, seed: UInt64, epoch: Int) throws(SampleOrderError) {
    try self.init(kind, chunkStarts: [0, count], seed: seed, epoch: epoch)
  }

  /// The sample at `position`.
  ///
  /// - Parameter position: in `0..<count`; anything else stops.
  public subscript(position: Int) -> Int {
    var reader = OrderReader(self)
    return reader.sample(at: position)
  }

  /// Writes the samples at `positions`, one after another, into `samples`.
  ///
  /// - Parameter positions: within `0..<count`; anything else stops.
  /// - Parameter samples: at least `positions.count` numbers long.
  public func fill(_ positions: Range<Int>, into samples: UnsafeMutableBufferPointer<Int>) {
    precondition(
      positions.lowerBound >= 0 && positions.upperBound <= count, "\(positions) of \(count)")
    precondition(samples.count >= positions.count, "room for \(samples.count) samples")
    if case .global(let permutation) = layout {
      return permutation.fill(positions, into: samples)
    }
    var reader = OrderReader(self)
    for (index, position) in positions.enumerated() { samples[index] = reader.sample(at: position) }
  }
}
