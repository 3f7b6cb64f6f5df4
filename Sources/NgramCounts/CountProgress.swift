import Storage

/// How far counting has come.
public struct CountProgress: Hashable, Sendable {
  /// What is done in this order.
  public enum Phase: Hashable, Sendable {
    /// Reading samples: bytes.
    case counting
    /// Merging runs: N-grams.
    case merging
    /// Publishing or checking files: bytes.
    case checking
  }
  /// The part of the work.
  public var phase: Phase
  /// How much of it is done.
  public var done: Int
  /// Of how much.
  public var total: Int
}

extension ProgressTicker {
  /// A ticker of a part of the work.
  convenience init(
    _ phase: CountProgress.Phase, total: Int, report: @escaping NgramCounting.Progress
  ) {
    self.init(total: total) { done, total in
      try report(CountProgress(phase: phase, done: done, total: total))
    }
  }
}
