import CKernels
import Foundation

/// Adds the looked-up rows of tokens to their hidden states.
///
///     let fusion = EngramFusion(weights)
///     var state = ConvolutionState(for: weights)
///     try fusion.forward(
///       tokens: 512, hidden: hidden, rows: rows, mask: nil, state: &state,
///       into: FusionOutputs(output: output))
///
/// A batch, or one token at a time: feeding a sequence in pieces gives what feeding it at once
/// gives, up to rounding. Calls from several threads are safe; they share OpenBLAS's threads.
public struct EngramFusion: Sendable {
  /// The weights it applies.
  public let weights: FusionWeights
  /// How many threads it uses.
  public let threads: Int
  /// The most tokens worked on at once: this bounds memory, to
  /// `blockTokens x (2 D + 2 M) x 4` bytes.
  let blockTokens: Int

  /// The processor whose code OpenBLAS runs for the matrix products, such as `SkylakeX`.
  public static var matrixProcessor: String { MatrixProduct.selectedProcessor }

  /// - Parameter threads: at least 1; by default as many as there are processors.
  public init(
    _ weights: FusionWeights, threads: Int = ProcessInfo.processInfo.activeProcessorCount
  ) {
    self.init(weights, threads: threads, blockTokens: 1024)
  }

  init(_ weights: FusionWeights, threads: Int, blockTokens: Int) {
    self.weights = weights
    self.threads = max(1, threads)
    self.blockTokens = blockTokens
  }

  /// Fuses `tokens` consecutive tokens of one sequence.
  ///
  /// - Parameter hidden: hidden states, [tokens, M, D].
  /// - Parameter rows: the tokens' rows, decoded and concatenated, [tokens, E].
  /// - Parameter mask: [tokens], 0 where a token has no row: its gates are 0. `nil`: all have.
  /// - Parameter state: what came before; becomes what came up to the last token.
  /// - Parameter outputs: where results go. `output` may be the memory of `hidden`.
  /// - Throws: `FusionError` before anything is written, where a size does not fit.
  /// - Complexity: 2 (M + 1) D E operations a token.
  public func forward(
    tokens: Int, hidden: UnsafeBufferPointer<Float>, rows: UnsafeBufferPointer<Float>,
    mask: UnsafeBufferPointer<UInt8>?, state: inout ConvolutionState, into outputs: FusionOutputs
  ) throws(FusionError) {
    try check(tokens, hidden: hidden, rows: rows, mask: mask, state: state, outputs: outputs)
    guard tokens > 0, let hidden = hidden.baseAddress, let rows = rows.baseAddress else { return }
    let (branches, width, inputs) = (weights.branches, weights.width, weights.inputs)
    let block = FusionBlock(fusion: self, tokens: min(tokens, blockTokens), state: state)
    defer { block.deallocate() }
    for first in stride(from: 0, to: tokens, by: blockTokens) {
      let count = min(blockTokens, tokens - first)
      let at = first * branches * width
      block.forward(
        count, hidden: hidden + at, rows: rows + first * inputs,
        mask: mask?.baseAddress.map { $0 + first },
        gate: outputs.gate?.baseAddress.map { $0 + first * branches },
        delta: outputs.delta?.baseAddress.map { $0 + at },
        output: outputs.output?.baseAddress.map { $0 + at })
    }
    block.save(to: &state)
  }

  private func check(
    _ tokens: Int, hidden: UnsafeBufferPointer<Float>, rows: UnsafeBufferPointer<Float>,
    mask: UnsafeBufferPointer<UInt8>?, state: ConvolutionState, outputs: FusionOutputs
  ) throws(FusionError) {
    let gates = tokens.multipliedReportingOverflow(by: weights.branches)
    let numbers = gates.partialValue.multipliedReportingOverflow(by: weights.width)
    let inputs = tokens.multipliedReportingOverflow(by: weights.inputs)
    guard tokens >= 0, !gates.overflow, !numbers.overflow, !inputs.overflow else {
      throw .bufferSize(buffer: "hidden", found: hidden.count, expected: .max)
    }
    let sizes = [
      ("hidden", hidden.count, numbers.partialValue), ("rows", rows.count, inputs.partialValue),
      ("mask", mask?.count ?? tokens, tokens),
      ("gate", outputs.gate?.count ?? gates.partialValue, gates.partialValue),
      ("delta", outputs.delta?.count ?? numbers.partialValue, numbers.partialValue),
      ("output", outputs.output?.count ?? numbers.partialValue, numbers.partialValue),
    ]
    for (buffer, found, expected) in sizes where found != expected {
      throw .bufferSize(buffer: buffer, found: found, expected: expected)
    }
    let history = weights.convolution?.history ?? 0
    let expected = history * (weights.width + weights.branches)
    guard state.values.count == history * weights.width,
      state.scales.count == history * weights.branches
    else {
      throw .foreignState(found: state.values.count + state.scales.count, expected: expected)
    }
  }
}

/// Where the results of a fusion go; what is `nil` is not written.
public struct FusionOutputs {
  /// Gates, [tokens, M].
  public var gate: UnsafeMutableBufferPointer<Float>?
  /// What is added to the hidden states, [tokens, M, D].
  public var delta: UnsafeMutableBufferPointer<Float>?
  /// Hidden states with it added, [tokens, M, D].
  public var output: UnsafeMutableBufferPointer<Float>?

  /// Buffers that the caller owns, of exactly these sizes.
  public init(
    gate: UnsafeMutableBufferPointer<Float>? = nil,
    delta: UnsafeMutableBufferPointer<Float>? = nil,
    output: UnsafeMutableBufferPointer<Float>? = nil
  ) {
    self.gate = gate
    self.delta = delta
    self.output = output
  }
}
