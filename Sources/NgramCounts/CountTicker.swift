import Dispatch
import Synchronization

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

/// Adds up what several threads have done and reports it, one call at a time, some times a second.
final class CountTicker: Sendable {
  /// Called with how far it came; a thrown error stops the work.
  typealias Report = @Sendable (CountProgress) throws -> Void

  private struct State {
    var done = 0
    var reported: UInt64 = 0
  }

  private let phase: CountProgress.Phase
  private let total: Int
  private let report: Report
  private let state = Mutex(State())

  init(_ phase: CountProgress.Phase, total: Int, report: @escaping Report) {
    self.phase = phase
    self.total = total
    self.report = report
  }

  func advance(by count: Int) throws {
    try state.withLock { state in
      state.done += count
      let now = DispatchTime.now().uptimeNanoseconds
      guard now - state.reported > 50_000_000 else { return }
      state.reported = now
      try report(CountProgress(phase: phase, done: min(state.done, total), total: total))
    }
  }

  /// Throws where the work is to stop.
  func check() throws {
    try state.withLock {
      try report(CountProgress(phase: phase, done: min($0.done, total), total: total))
    }
  }
}
