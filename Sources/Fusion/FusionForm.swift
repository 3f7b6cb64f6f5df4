/// The published ways of adding looked-up rows to hidden states, by the names of their presets.
///
/// All three are one computation: keys and a value are linear in the token's rows, a gate for each
/// branch compares the branch's key with its hidden state, and the gated value is added. They
/// differ in names and layout of the weights, in constants, and in whether a short convolution
/// over past tokens follows.
public enum FusionForm: String, Sendable, CaseIterable, Codable {
  /// The demonstration that came with the Engram paper: biases, and a convolution.
  case engramPaper = "engram-paper"
  /// DeepSeek-V4.1: one matrix for keys and value, no convolution.
  case deepSeekV41 = "deepseek-v4.1"
  /// Qwen's per-layer embeddings: no biases, norm weights stored less one, a convolution.
  case qwenPLE = "qwen-ple"

  /// The names of the weights that the form has, as `FusionWeights` takes them.
  public var tensorNames: [String] {
    switch self {
    case .engramPaper:
      [
        "key_weight", "key_bias", "value_weight", "value_bias", "key_norm", "query_norm",
        "conv_norm", "conv_weight",
      ]
    case .deepSeekV41: ["wkv", "q_weight", "k_weight"]
    case .qwenPLE:
      ["key_proj", "value_proj", "norm_key", "norm_query", "norm_conv", "conv1d"]
    }
  }

  /// Whether a short convolution over past tokens follows the gate.
  public var hasConvolution: Bool { self != .deepSeekV41 }

  /// What is added to a stored norm weight to get the weight.
  var normOffset: Float { self == .qwenPLE ? 1 : 0 }

  /// Added to the mean squares of keys and hidden states.
  var gateEpsilon: Float {
    switch self {
    case .engramPaper: 0x1p-23
    case .deepSeekV41: 1e-20
    case .qwenPLE: 1e-6
    }
  }

  /// Added to the mean squares of what enters the convolution.
  var convolutionEpsilon: Float { self == .engramPaper ? 1e-5 : 1e-6 }
}
