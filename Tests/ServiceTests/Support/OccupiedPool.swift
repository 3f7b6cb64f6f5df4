import Dispatch
import Synchronization
import Testing

@testable import Service

/// All threads of a service's pool, held: what needs one has to wait.
final class OccupiedPool: Sendable {
  private let gate = DispatchSemaphore(value: 0)
  private let held = Atomic(0)
  private let count: Int

  /// Takes them.
  init(_ service: RunningService) async throws {
    count = service.service.state.pool.threads
    for _ in 0..<count {
      Task { [self, pool = service.service.state.pool] in
        try? await pool.run { [self] in
          held.add(1, ordering: .relaxed)
          gate.wait()
        }
      }
    }
    try await service.wait("all threads") { held.load(ordering: .relaxed) == count }
  }

  /// Lets go of them.
  func release() { for _ in 0..<count { gate.signal() } }
}
