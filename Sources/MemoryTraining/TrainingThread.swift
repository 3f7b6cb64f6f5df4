import Addressing
import CKernels
import Fusion
import SeededRandom

/// What every thread of a run shares.
struct TrainingParts: Sendable {
  let options: TrainingOptions
  let part: TokenCorpus.Part
  let host: HostModel
  let sampler: CandidateSampler
  let memory: Memory?

  /// The memory that is trained.
  struct Memory: Sendable {
    let hasher: NgramHasher
    let rows: UpdatableRows
    let shape: FusionShape
    let dense: DenseOptimizer
    /// Fresh rows are drawn from -spread..<spread.
    let spread: Float

    /// Rows of a token.
    var columns: Int { hasher.columns }
  }
}

/// One thread of a run: its working memory, and one batch after another.
final class TrainingThread {
  private let parts: TrainingParts
  private let softmax: SampledSoftmax
  private let pass: FusionPass?
  private var tokens: [Int32] = []
  private var next: [Int32] = []
  private var tokenRows: [Int64] = []
  private let rowIDs: UnsafeMutableBufferPointer<Int64>
  private let state: UnsafeMutablePointer<Float>
  private let hidden: UnsafeMutablePointer<Float>
  private let output: UnsafeMutablePointer<Float>
  private let outputGradient: UnsafeMutablePointer<Float>
  private let hiddenGradient: UnsafeMutablePointer<Float>
  private let stateGradient: UnsafeMutablePointer<Float>
  private let rows: UnsafeMutablePointer<Float>
  private let rowGradients: UnsafeMutablePointer<Float>
  private let dense: UnsafeMutablePointer<Float>
  private let denseGradient: UnsafeMutablePointer<Float>
  private let denseCount: Int

  init(_ parts: TrainingParts) {
    self.parts = parts
    let (batch, width) = (parts.options.batch, parts.options.width)
    let states = batch * width
    let branches = parts.memory == nil ? 1 : parts.options.branches
    softmax = SampledSoftmax(
      host: parts.host, sampler: parts.sampler, negatives: parts.options.negatives, batch: batch)
    pass = parts.memory.map { FusionPass(shape: $0.shape, tokens: batch) }
    denseCount = parts.memory.map { $0.dense.snapshot.values.count } ?? 0
    let columns = parts.memory?.columns ?? 0
    let inputs = parts.memory?.shape.inputs ?? 0
    rowIDs = .allocate(capacity: batch * columns)
    state = .allocate(capacity: states)
    stateGradient = .allocate(capacity: states)
    hidden = .allocate(capacity: states * branches)
    output = .allocate(capacity: states * branches)
    outputGradient = .allocate(capacity: states * branches)
    hiddenGradient = .allocate(capacity: states * branches)
    rows = .allocate(capacity: batch * inputs)
    rowGradients = .allocate(capacity: batch * inputs)
    dense = .allocate(capacity: denseCount)
    denseGradient = .allocate(capacity: denseCount)
  }

  deinit {
    rowIDs.deallocate()
    for buffer in [
      state, hidden, output, outputGradient, hiddenGradient, stateGradient, rows, rowGradients,
      dense, denseGradient,
    ] { buffer.deallocate() }
  }

  /// What came of a batch.
  struct Outcome: Sendable {
    /// Tokens predicted.
    var tokens = 0
    /// Their losses, in nats, over candidates.
    var loss = 0.0
    /// Gradients that were no numbers.
    var bad = 0
  }

  /// Learns from one batch.
  ///
  /// - Parameter rate: the base rate at this moment.
  /// - Throws: `AddressingError`.
  func learn(from batch: BatchCursor.Batch, rate: Float) throws -> Outcome {
    let options = parts.options
    let clip = options.clip
    collect(batch)
    let count = tokens.count
    // What is drawn follows from the seed and the batch's place alone.
    var generator = SeededGenerator(
      seed: options.seed &+ 0x9E37_79B9 &* UInt64(batch.position.tokens + 1))
    let width = options.width
    engram_train_gather(
      parts.host.embedding.values, parts.host.embedding.accumulators, tokenRows, count, width,
      options.seed, 0.5 / Float(width).squareRoot(), state)
    var outcome = Outcome(tokens: count)
    guard let memory = parts.memory, let pass else {
      let result = softmax.learn(
        hidden: state, next: next, generator: &generator, rate: rate,
        clip: clip * Float(options.batch).squareRoot(),
        gradient: stateGradient)
      outcome.loss = result.loss
      outcome.bad = result.bad + moveEmbedding(count, stateGradient, rate, clip)
      return outcome
    }
    let sequences = batch.stretches.map(\.count)
    try findRows(batch, memory)
    let rowWidth = memory.rows.dimension
    engram_train_gather(
      memory.rows.values, memory.rows.accumulators, rowIDs.baseAddress!, count * memory.columns,
      rowWidth, options.seed &+ 1, memory.spread, rows)
    memory.dense.copy(to: dense)
    spread(state, count, to: hidden)
    pass.forward(
      tokens: count, sequences: sequences, parameters: dense, hidden: hidden, rows: rows,
      mask: nil, output: output)
    gatherMean(output, count, to: state)
    let result = softmax.learn(
      hidden: state, next: next, generator: &generator, rate: rate,
      clip: clip * Float(options.batch).squareRoot(),
      gradient: stateGradient)
    outcome.loss = result.loss
    spread(stateGradient, count, to: outputGradient, factor: 1 / Float(options.branches))
    denseGradient.update(repeating: 0, count: denseCount)
    pass.backward(
      tokens: count, sequences: sequences, parameters: dense, hidden: hidden, rows: rows,
      mask: nil, outputGradient: outputGradient, hiddenGradient: hiddenGradient,
      rowsGradient: rowGradients, parameterGradient: denseGradient)
    outcome.bad += engram_train_update_rows(
      memory.rows.values, memory.rows.accumulators, rowIDs.baseAddress!, count * memory.columns,
      rowWidth, rows, rowGradients, rate * options.rowRateFactor, clip)
    if !memory.dense.step(
      denseGradient, tokens: count, rate: rate * options.denseRateFactor, clip: clip)
    {
      outcome.bad += 1
    }
    gatherMean(hiddenGradient, count, to: stateGradient, factor: Float(options.branches))
    outcome.bad += result.bad + moveEmbedding(count, stateGradient, rate, clip)
    return outcome
  }

  /// The batch's tokens, and those that follow them.
  private func collect(_ batch: BatchCursor.Batch) {
    tokens.removeAll(keepingCapacity: true)
    next.removeAll(keepingCapacity: true)
    tokenRows.removeAll(keepingCapacity: true)
    for stretch in batch.stretches {
      let document = parts.part.document(stretch.document)
      let end = stretch.start + stretch.count
      tokens.append(contentsOf: document[stretch.start..<end])
      next.append(contentsOf: document[(stretch.start + 1)...end])
    }
    for token in tokens { tokenRows.append(Int64(token)) }
  }

  /// The rows of the batch's tokens: what stands before a stretch in its document counts.
  private func findRows(_ batch: BatchCursor.Batch, _ memory: TrainingParts.Memory) throws {
    var first = 0
    for stretch in batch.stretches {
      let document = parts.part.document(stretch.document)
      let before = max(0, stretch.start - memory.hasher.maxOrder + 1)
      var history = try memory.hasher.history(after: Array(document[before..<stretch.start]))
      try memory.hasher.unsafeRows(
        for: UnsafeBufferPointer(
          rebasing: document[stretch.start..<(stretch.start + stretch.count)]),
        history: &history,
        into: UnsafeMutableBufferPointer(
          rebasing: rowIDs[
            (first * memory.columns)..<((first + stretch.count) * memory.columns)]))
      first += stretch.count
    }
  }

  private func moveEmbedding(
    _ count: Int, _ gradient: UnsafePointer<Float>, _ rate: Float, _ clip: Float
  ) -> Int {
    // Fresh rows were given by the batch's gather; with a memory, `state` holds outputs by now.
    let width = parts.options.width
    engram_train_gather(
      parts.host.embedding.values, parts.host.embedding.accumulators, tokenRows, count, width,
      parts.options.seed, 0.5 / Float(width).squareRoot(), state)
    return engram_train_update_rows(
      parts.host.embedding.values, parts.host.embedding.accumulators, tokenRows, count, width,
      state, gradient, rate, clip)
  }

  /// Gives every branch the same state: [count, D] to [count, M, D].
  private func spread(
    _ states: UnsafePointer<Float>, _ count: Int, to all: UnsafeMutablePointer<Float>,
    factor: Float = 1
  ) {
    let (branches, width) = (parts.options.branches, parts.options.width)
    for token in 0..<count {
      for branch in 0..<branches {
        let at = all + (token * branches + branch) * width
        for index in 0..<width { at[index] = states[token * width + index] * factor }
      }
    }
  }

  /// The mean of the branches, times a factor: [count, M, D] to [count, D].
  private func gatherMean(
    _ all: UnsafePointer<Float>, _ count: Int, to states: UnsafeMutablePointer<Float>,
    factor: Float = 1
  ) {
    let (branches, width) = (parts.options.branches, parts.options.width)
    let scale = factor / Float(branches)
    for token in 0..<count {
      let to = states + token * width
      for index in 0..<width { to[index] = all[token * branches * width + index] * scale }
      for branch in 1..<branches {
        let from = all + (token * branches + branch) * width
        for index in 0..<width { to[index] += from[index] * scale }
      }
    }
  }
}
