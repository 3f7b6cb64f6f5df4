import Synchronization

/// Whether rows are likely in memory, so that a few of them may be gathered on an event loop. Where
/// such a gather had to wait, others go to the pool for a while, and for longer each time.
final class Warmth: Sendable {
  /// The most rows that are gathered on an event loop: a tenth of a millisecond.
  static let rows = 1024
  /// A gather that takes longer waited for something.
  static let longest = Duration.milliseconds(1)
  /// How long others go to the pool then, and at most.
  private static let (shortWait, longWait) = (Duration.milliseconds(100), Duration.seconds(10))

  private let state = Mutex((until: ContinuousClock.now, wait: Warmth.shortWait))

  /// Whether a gather would likely not wait.
  func isLikely(at now: ContinuousClock.Instant = .now) -> Bool {
    state.withLock { now >= $0.until }
  }

  /// Learns how long a gather on an event loop took.
  func learn(_ time: Duration, at now: ContinuousClock.Instant = .now) {
    state.withLock { state in
      guard time > Self.longest else {
        state.wait = max(Self.shortWait, state.wait / 2)
        return
      }
      state.until = now + state.wait
      state.wait = min(Self.longWait, state.wait * 2)
    }
  }
}
