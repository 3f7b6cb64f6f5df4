import Synchronization

/// One line on the terminal for works that follow one another.
final class WorkBars: Sendable {
  private let current = Mutex<(work: String, bar: ProgressBar)?>(nil)

  /// Shows how far a work has come; throws where the user asked to stop.
  func show(_ work: String, _ done: Int, _ total: Int) throws {
    try Interruption.check()
    current.withLock { current in
      if current?.work != work {
        current?.bar.clear()
        current = (work, ProgressBar(work))
      }
      current?.bar.show(share: Double(done) / Double(max(1, total)), detail: "")
    }
  }

  func clear() { current.withLock { $0?.bar.clear() } }
}
