import Retrieval
import Synchronization

/// One line on the terminal for all steps of indexing, one after another.
final class IndexProgressBar: Sendable {
  private let current = Mutex<(phase: IndexProgress.Phase, bar: ProgressBar)?>(nil)

  /// Shows how far it came; throws where the user asked to stop.
  func update(_ progress: IndexProgress) throws {
    try current.withLock { current in
      if current?.phase != progress.phase {
        current?.bar.clear()
        current = (progress.phase, Self.bar(progress.phase))
      }
      try current?.bar.update(progress.done, progress.total)
    }
  }

  func clear() { current.withLock { $0?.bar.clear() } }

  private static func bar(_ phase: IndexProgress.Phase) -> ProgressBar {
    func counting(_ title: String, _ what: String) -> ProgressBar {
      ProgressBar(title, rate: { "\(Int($0 / 1000)) thousand \(what)/s" })
    }
    switch phase {
    case .comparing: return counting("comparing", "samples")
    case .indexing: return ProgressBar("indexing")
    case .merging: return counting("merging", "terms")
    case .adjusting: return counting("adjusting", "terms")
    case .embedding: return counting("embedding", "passages")
    case .checking: return ProgressBar("checking")
    }
  }
}
