import CKernels
import Fusion
import Synchronization

/// The fusion's weights and Adam's moments, shared by all threads: each takes a copy for a batch and
/// brings its gradient back.
final class DenseOptimizer: Sendable {
  /// What a checkpoint keeps.
  struct State: Sendable {
    var values: [Float]
    var first: [Float]
    var second: [Float]
    var step: UInt64 = 0
  }

  private let state: Mutex<State>

  init(_ values: [Float]) {
    let zeros = [Float](repeating: 0, count: values.count)
    state = Mutex(State(values: values, first: zeros, second: zeros))
  }

  init(_ state: State) { self.state = Mutex(state) }

  /// The state at this moment.
  var snapshot: State { state.withLock { $0 } }

  /// Copies the weights.
  func copy(to buffer: UnsafeMutablePointer<Float>) {
    state.withLock { state in
      state.values.withUnsafeBufferPointer {
        buffer.update(from: $0.baseAddress!, count: $0.count)
      }
    }
  }

  /// One step along a batch's gradient, summed over `tokens`.
  ///
  /// - Returns: whether the gradient held only numbers; where it did not, nothing moves.
  func step(
    _ gradient: UnsafePointer<Float>, tokens: Int, rate: Float, clip: Float
  ) -> Bool {
    state.withLock { state in
      let count = state.values.count
      let length = engram_train_square_sum(gradient, count).squareRoot() / Double(tokens)
      guard length.isFinite else { return false }
      let shortened = length > Double(clip) ? Double(clip) / length : 1
      state.step += 1
      engram_train_adam(
        &state.values, &state.first, &state.second, gradient, count,
        Float(shortened / Double(tokens)), rate, 0.9, 0.99, 1e-8, state.step)
      return true
    }
  }
}
