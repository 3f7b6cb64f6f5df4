/// Where a training run stands: all that a resume needs.
///
/// Positions are the whole run's: all ranks go in lockstep, `position` is the first one that none of
/// them has consumed. So a resume may use any number of ranks and workers.
public struct EpochState: Hashable, Sendable, Codable {
  /// Identity of the dataset version whose samples are read.
  public var version: String
  /// The seed of all epochs of the run.
  public var seed: UInt64
  /// The epoch, from 0.
  public var epoch: Int
  /// The next position that no rank has consumed, from 0 to the epoch's number of samples.
  public var position: Int

  /// The state at a position of an epoch.
  public init(version: String, seed: UInt64, epoch: Int = 0, position: Int = 0) {
    self.version = version
    self.seed = seed
    self.epoch = epoch
    self.position = position
  }
}
