import NgramCounts
import Synchronization

/// One line on the terminal for all steps of counting, one after another.
final class CountProgressBar: Sendable {
  private let current = Mutex<(phase: CountProgress.Phase, bar: ProgressBar)?>(nil)

  /// Shows how far it came; throws where the user asked to stop.
  func update(_ progress: CountProgress) throws {
    try current.withLock { current in
      if current?.phase != progress.phase {
        current?.bar.clear()
        current = (progress.phase, Self.bar(progress.phase))
      }
      try current?.bar.update(progress.done, progress.total)
    }
  }

  func clear() { current.withLock { $0?.bar.clear() } }

  private static func bar(_ phase: CountProgress.Phase) -> ProgressBar {
    switch phase {
    case .counting: ProgressBar("counting")
    case .merging:
      ProgressBar("merging", rate: { "\(Int($0 / 1000)) thousand N-grams/s" })
    case .checking: ProgressBar("checking")
    }
  }
}
