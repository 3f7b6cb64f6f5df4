import TokenStreams

extension Trainer {
  /// Losses at one moment of a run.
  public struct CurvePoint: Sendable, Hashable, Codable {
    /// Tokens learned from.
    public var tokens: Int
    /// Seconds of training.
    public var seconds: Double
    /// The loss over candidates since the point before, in nats a token.
    public var training: Double
    /// The base learning rate.
    public var rate: Float
    /// The held-out loss with the memory on.
    public var on: HeldOutLoss
    /// The held-out loss of the host alone.
    public var off: HeldOutLoss?
  }

  /// What happens during a run.
  public enum Event: Sendable {
    /// Samples were encoded: done, and in all.
    case encoding(Int, Int)
    /// Tokens were learned from.
    case training(Progress)
    /// The held-out part was predicted.
    case evaluated(CurvePoint)
    /// Everything up to here is on the disk.
    case checkpoint(path: String)
  }

  /// How far a run has come.
  public struct Progress: Sendable {
    /// Tokens learned from, and in all.
    public var tokens: Int, total: Int
    /// The share of the run that is done: of its tokens, or of its time.
    public var share: Double
    /// The loss over candidates of the last tokens, in nats a token.
    public var loss: Double
    /// Tokens a second, of all threads, since the run began or went on.
    public var tokensPerSecond: Double
    /// The base learning rate.
    public var rate: Float
  }
}
