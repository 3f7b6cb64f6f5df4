import Dispatch
import Synchronization

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

/// Adds up what several threads have done and reports it, some times a second.
final class IndexTicker: Sendable {
  /// Called with how far it came; a thrown error stops the work.
  typealias Report = @Sendable (IndexProgress) throws -> Void

  private struct State {
    var done = 0
    var reported: UInt64 = 0
  }

  private let phase: IndexProgress.Phase
  private let total: Int
  private let report: Report
  private let state = Mutex(State())

  init(_ phase: IndexProgress.Phase, total: Int, report: @escaping Report) throws {
    self.phase = phase
    self.total = total
    self.report = report
    try report(IndexProgress(phase: phase, done: 0, total: total))
  }

  func advance(by count: Int) throws {
    try state.withLock { state in
      state.done += count
      let now = DispatchTime.now().uptimeNanoseconds
      guard now - state.reported > 50_000_000 else { return }
      state.reported = now
      try report(IndexProgress(phase: phase, done: min(state.done, total), total: total))
    }
  }
}
