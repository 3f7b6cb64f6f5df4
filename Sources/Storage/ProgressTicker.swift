import Dispatch
import Synchronization

/// Adds up what several threads have done and reports it, one call at a time, some times a second.
package final class ProgressTicker: Sendable {
  /// Called with what is done, of how much; what it throws ends the work.
  package typealias Report = @Sendable (_ done: Int, _ total: Int) throws -> Void

  private struct State {
    var done = 0
    var reported: UInt64 = 0
  }

  /// Nanoseconds between two reports.
  private static let pause = 50_000_000

  private let total: Int
  private let report: Report
  private let state = Mutex(State())

  /// Nothing is done yet.
  package init(total: Int, report: @escaping Report) {
    self.total = total
    self.report = report
  }

  /// Adds what was done, and reports it where the last report is a while ago or all is done.
  package func advance(by count: Int) throws {
    try state.withLock { state in
      state.done += count
      let now = DispatchTime.now().uptimeNanoseconds
      guard now - state.reported > Self.pause || state.done == total else { return }
      state.reported = now
      try report(min(state.done, total), total)
    }
  }

  /// Reports at once: throws where the work is to stop.
  package func check() throws {
    try state.withLock { try report(min($0.done, total), total) }
  }
}
