import SampleOrder
import Synchronization

/// Deals stretches to threads: every stretch once an epoch, in a keyed order. Its state is an epoch
/// and a position.
final class BatchCursor: Sendable {
  /// Where a run stands.
  struct Position: Sendable, Hashable, Codable {
    /// Epochs that are over.
    var epoch = 0
    /// Stretches of this epoch that were dealt.
    var stretch = 0
    /// Tokens that were dealt in all.
    var tokens = 0
  }

  /// What a thread learns from next.
  struct Batch {
    var stretches: [Stretches.Stretch]
    /// Where the run stood before it.
    var position: Position
  }

  private let stretches: Stretches
  private let seed: UInt64
  private let epochs: Int
  private let state: Mutex<(position: Position, order: SamplePermutation, limit: Int)>

  init(_ stretches: Stretches, seed: UInt64, epochs: Int, position: Position) {
    self.stretches = stretches
    self.seed = seed
    self.epochs = epochs
    let order = SamplePermutation(count: stretches.count, seed: seed, epoch: position.epoch)
    state = Mutex((position, order, position.tokens))
  }

  /// Where the run stands.
  var position: Position { state.withLock { $0.position } }
  /// Whether all epochs are over.
  var isAtEnd: Bool { state.withLock { $0.position.epoch >= epochs } }

  /// Lets threads have about `tokens` more.
  func extend(by tokens: Int) {
    state.withLock { $0.limit = $0.position.tokens + tokens }
  }

  /// The next stretches that fit `tokens`; `nil` when the round is over.
  func next(tokens: Int) -> Batch? {
    state.withLock { state in
      guard state.position.tokens < state.limit, state.position.epoch < epochs else { return nil }
      var batch = Batch(stretches: [], position: state.position)
      var room = tokens
      while state.position.epoch < epochs {
        let stretch = stretches[state.order[state.position.stretch]]
        guard stretch.count <= room else { break }
        batch.stretches.append(stretch)
        room -= stretch.count
        state.position.stretch += 1
        if state.position.stretch == stretches.count {
          state.position.epoch += 1
          state.position.stretch = 0
          state.order = SamplePermutation(
            count: stretches.count, seed: seed, epoch: state.position.epoch)
          break
        }
      }
      state.position.tokens += tokens - room
      return batch
    }
  }
}
