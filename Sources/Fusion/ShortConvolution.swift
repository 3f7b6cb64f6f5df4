import CKernels

/// The causal, depthwise convolution over the gated and normalised values of past tokens:
/// `delta = v + silu(sum over k of taps_k * rms(v) at token t - (kernel - 1 - k) * dilation)`.
///
/// The gated value of a branch is `gate * value`, and one value serves all branches, so what
/// enters the convolution is a factor for each branch times the value: the past is kept as one
/// value and M factors a token, not as M vectors.
struct ShortConvolution: Sendable {
  /// Tokens that a sum reaches over, counting itself.
  let kernel: Int
  /// Tokens from one tap to the next.
  let dilation: Int
  /// [kernel, M, D]: the taps times the norm's weight.
  let taps: [Float]
  /// Added to the mean square of a gated value.
  let epsilon: Float

  /// Past tokens that the first output needs.
  var history: Int { (kernel - 1) * dilation }
}

/// What a convolution remembers of the tokens it has seen: a value that can be copied to fork a
/// sequence and kept to roll it back.
///
/// A new state is the start of a sequence: nothing before it.
public struct ConvolutionState: Sendable, Hashable {
  /// Values of the last tokens, biases added, [history, D]; oldest first.
  var values: [Float]
  /// Factors of the last tokens, [history, M].
  var scales: [Float]

  /// The state before the first token of a sequence.
  public init(for weights: FusionWeights) {
    let history = weights.convolution?.history ?? 0
    values = [Float](repeating: 0, count: history * weights.width)
    scales = [Float](repeating: 0, count: history * weights.branches)
  }
}
