/// Why an order cannot be made. Each prints as one line: what, where, what to do.
public enum SampleOrderError: Error, Hashable, Sendable, CustomStringConvertible {
  /// A rank or a worker does not exist.
  case noSuchShard(rank: Int, ranks: Int, worker: Int, workers: Int)
  /// A run has more iterators than a machine holds.
  case tooManyShards(ranks: Int, workers: Int, limit: Int)
  /// A position is outside of an epoch, or a run goes back.
  case noSuchPosition(Int, range: ClosedRange<Int>)
  /// The first samples of chunks go back, or do not start at 0.
  case malformedChunks(chunk: Int, start: Int, expected: Int)
  /// A window has no chunk.
  case emptyWindow(Int)
  /// Weights and datasets are not equally many, or there are none.
  case mismatchedWeights(weights: Int, datasets: Int)
  /// A weight is negative, infinite or no number.
  case invalidWeight(dataset: Int, weight: String)
  /// No weight is above 0.
  case noWeight
  /// A weight is above 0, but too small to get one slot of a block.
  case weightTooSmall(dataset: Int, weight: String, block: Int)
  /// A dataset is to be drawn from and has no samples.
  case emptyDataset(Int)
  /// A block has no slot, or more than can be numbered.
  case invalidBlock(Int)

  /// One line: what is wrong, where, and what to do.
  public var description: String {
    switch self {
    case .noSuchShard(let rank, let ranks, let worker, let workers):
      "there is no worker \(worker) of \(workers) of rank \(rank) of \(ranks); both count from 0 and "
        + "are smaller than their total"
    case .tooManyShards(let ranks, let workers, let limit):
      "\(ranks) ranks of \(workers) workers are more than \(limit) iterators; use fewer"
    case .noSuchPosition(let position, let range):
      "there is no position \(position); choose one from \(range.lowerBound) to "
        + "\(range.upperBound)"
    case .malformedChunks(let chunk, let start, let expected):
      "chunk \(chunk) starts at sample \(start), expected \(expected) or more; the manifest is "
        + "damaged, verify the dataset"
    case .emptyWindow(let window):
      "a window of \(window) chunks holds no sample; choose 1 or more"
    case .mismatchedWeights(let weights, let datasets):
      "a mixture of \(datasets) datasets has \(weights) weights; give each dataset one"
    case .invalidWeight(let dataset, let weight):
      "the weight of dataset \(dataset) is \(weight); give a number from 0 on"
    case .noWeight:
      "all weights of a mixture are 0; give one dataset more"
    case .weightTooSmall(let dataset, let weight, let block):
      "the weight of dataset \(dataset), \(weight), is less than one of a block's \(block) slots; "
        + "give it more, a larger block, or 0 to leave it out"
    case .emptyDataset(let dataset):
      "dataset \(dataset) of a mixture has no samples; leave it out or give it weight 0"
    case .invalidBlock(let block):
      "a mixture's block of \(block) slots is out of range; choose from 1 to 1073741824"
    }
  }
}
