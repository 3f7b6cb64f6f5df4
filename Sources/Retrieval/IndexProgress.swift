import Storage

/// How far the making of an index has come.
public struct IndexProgress: Hashable, Sendable {
  /// What is done, in this order.
  public enum Phase: Hashable, Sendable {
    /// Looking for what changed: samples.
    case comparing
    /// Reading and counting words: bytes of samples.
    case indexing
    /// Making one segment of several: terms.
    case merging
    /// Counting what older segments lost: terms.
    case adjusting
    /// Making vectors of passages: passages.
    case embedding
    /// Summing or comparing files: bytes.
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
  /// A ticker of a part of the work, which begins now.
  convenience init(
    _ phase: IndexProgress.Phase, total: Int, report: @escaping IndexBuilder.Progress
  ) throws {
    self.init(total: total) { done, total in
      try report(IndexProgress(phase: phase, done: done, total: total))
    }
    try check()
  }
}
