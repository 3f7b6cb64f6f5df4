import NIOPosix
import Synchronization

/// Threads for work that may wait: for the disk, or a processor for long. Whoever waits for such work
/// waits no longer than the time that a request has; work whose time is over before it began is
/// not begun.
public final class BlockingPool: Sendable {
  /// How many threads.
  let threads: Int
  private let pool: NIOThreadPool
  private let limit: Duration
  private let waiting = Mutex<[UInt64: Waiting]>([:])
  private let next = Atomic<UInt64>(0)

  private struct Waiting: Sendable {
    var deadline: ContinuousClock.Instant
    var expire: @Sendable () -> Void
  }

  /// - Parameters:
  ///   - threads: how many.
  ///   - limit: how long a call may take, waiting for a thread included.
  public init(threads: Int, limit: Duration) {
    self.threads = threads
    pool = NIOThreadPool(numberOfThreads: threads)
    pool.start()
    self.limit = limit
  }

  /// Runs `body` on a thread.
  ///
  /// - Throws: `ServiceError.outOfTime`, `.stopping`, and what `body` throws.
  public func run<R: Sendable>(_ body: @escaping @Sendable () throws -> R) async throws -> R {
    let number = next.wrappingAdd(1, ordering: .relaxed).newValue
    return try await withCheckedThrowingContinuation { continuation in
      let answer = FirstAnswer(continuation)
      waiting.withLock {
        $0[number] = Waiting(deadline: .now + limit) {
          answer.give(.failure(ServiceError.outOfTime))
        }
      }
      pool.submit { [self] state in
        defer { waiting.withLock { _ = $0.removeValue(forKey: number) } }
        guard state == .active else { return answer.give(.failure(ServiceError.stopping)) }
        guard answer.isAwaited else { return }
        answer.give(Result(catching: body))
      }
    }
  }

  /// Ends the waiting of those whose time is over. Called a few times a second.
  func expire(now: ContinuousClock.Instant = .now) {
    let late = waiting.withLock { waiting in
      let late = waiting.filter { $0.value.deadline <= now }
      for number in late.keys { waiting.removeValue(forKey: number) }
      return late
    }
    for call in late.values { call.expire() }
  }

  /// Ends the threads, after what they are doing.
  func stop() async { try? await pool.shutdownGracefully() }
}

/// A continuation that is resumed once, by whoever is first.
private final class FirstAnswer<R: Sendable>: Sendable {
  private let continuation: Mutex<CheckedContinuation<R, any Error>?>

  init(_ continuation: CheckedContinuation<R, any Error>) {
    self.continuation = Mutex(continuation)
  }

  var isAwaited: Bool { continuation.withLock { $0 != nil } }

  func give(_ result: Result<R, any Error>) {
    continuation.withLock { $0.take() }?.resume(with: result)
  }
}
