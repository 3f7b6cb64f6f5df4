import CKernels
import Fusion
import SeededRandom

/// The loss of a batch over candidates that all its positions share, and its gradient. One thread's
/// working memory.
final class SampledSoftmax {
  private let host: HostModel
  private let sampler: CandidateSampler
  private let negatives: Int
  /// The place of a token among the candidates, -1 for none.
  private var places: [Int32]
  private var candidates: [Int64] = []
  private var targets: [Int32] = []
  private let weights: UnsafeMutablePointer<Float>
  private let weightGradients: UnsafeMutablePointer<Float>
  private let bias: UnsafeMutablePointer<Float>
  private let correction: UnsafeMutablePointer<Float>
  private let biasGradients: UnsafeMutablePointer<Float>
  private let logits: UnsafeMutablePointer<Float>

  init(host: HostModel, sampler: CandidateSampler, negatives: Int, batch: Int) {
    self.host = host
    self.sampler = sampler
    self.negatives = negatives
    places = Array(repeating: -1, count: host.vocabulary)
    let most = batch + negatives
    weights = .allocate(capacity: most * host.width)
    weightGradients = .allocate(capacity: most * host.width)
    bias = .allocate(capacity: most)
    correction = .allocate(capacity: most)
    biasGradients = .allocate(capacity: most)
    logits = .allocate(capacity: most * batch)
  }

  deinit {
    for buffer in [weights, weightGradients, bias, correction, biasGradients, logits] {
      buffer.deallocate()
    }
  }

  /// Learns from a batch: moves the output weights and biases of its candidates.
  ///
  /// - Parameter hidden: [tokens, D].
  /// - Parameter next: the token that follows each.
  /// - Parameter gradient: of `hidden`; written.
  /// - Returns: the sum of the losses, in nats, and how many rows' gradients were no numbers.
  func learn(
    hidden: UnsafePointer<Float>, next: [Int32], generator: inout SeededGenerator, rate: Float,
    clip: Float, gradient: UnsafeMutablePointer<Float>
  ) -> (loss: Double, bad: Int) {
    let (tokens, width) = (next.count, host.width)
    choose(next, &generator)
    let count = candidates.count
    engram_train_gather(
      host.output.values, host.output.accumulators, candidates, count, width, 0, 0, weights)
    engram_train_gather(
      host.bias.values, host.bias.accumulators, candidates, count, 1, 0, 0, bias)
    for index in 0..<count {
      correction[index] =
        bias[index]
        - sampler.logInclusion(
          of: Int32(truncatingIfNeeded: candidates[index]), targets: tokens, draws: negatives)
    }
    MatrixProduct.product(
      hidden, transposed: false, weights, transposed: true, rows: tokens, columns: count,
      inner: width, into: logits)
    let loss = engram_train_softmax(logits, correction, targets, tokens, count)
    MatrixProduct.product(
      logits, transposed: false, weights, transposed: false, rows: tokens, columns: width,
      inner: count, into: gradient)
    MatrixProduct.product(
      logits, transposed: true, hidden, transposed: false, rows: count, columns: width,
      inner: tokens, into: weightGradients)
    engram_train_column_sums(logits, tokens, count, biasGradients)
    var bad = engram_train_update_rows(
      host.output.values, host.output.accumulators, candidates, count, width, weights,
      weightGradients, rate, clip)
    bad += engram_train_update_rows(
      host.bias.values, host.bias.accumulators, candidates, count, 1, bias, biasGradients, rate,
      clip)
    for token in candidates { places[Int(token)] = -1 }
    return (loss, bad)
  }

  /// The batch's distinct targets, in order of appearance, then the tokens drawn.
  private func choose(_ next: [Int32], _ generator: inout SeededGenerator) {
    candidates.removeAll(keepingCapacity: true)
    targets.removeAll(keepingCapacity: true)
    for token in next { targets.append(place(token)) }
    for _ in 0..<negatives { _ = place(sampler.draw(&generator)) }
  }

  private func place(_ token: Int32) -> Int32 {
    let known = places[Int(token)]
    if known >= 0 { return known }
    let place = Int32(candidates.count)
    places[Int(token)] = place
    candidates.append(Int64(token))
    return place
  }
}
