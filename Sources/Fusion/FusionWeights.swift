/// The weights of one layer's fusion, checked against each other and laid out for use.
public struct FusionWeights: Sendable {
  /// Whose rule they follow.
  public let form: FusionForm
  /// Parallel residual streams, M.
  public var branches: Int { gate.branches }
  /// Width of a hidden state, D.
  public var width: Int { gate.width }
  /// Numbers that a token's rows hold together, E: columns x row width.
  public var inputs: Int { gate.inputs }

  let gate: Gate
  let convolution: ShortConvolution?

  /// Takes the weights of one layer by name. Names and shapes, for M branches, width D, inputs E:
  ///
  /// - `engram-paper`: `key_weight` [M, D, E], `key_bias` [M, D], `value_weight` [D, E],
  ///   `value_bias` [D], `key_norm`, `query_norm`, `conv_norm` [M, D], `conv_weight` [M x D, K]
  /// - `deepseek-v4.1`: `wkv` [(M + 1) x D, E] (M keys, then the value), `q_weight`, `k_weight`
  ///   [M, D]
  /// - `qwen-ple`: `key_proj` [M x D, E], `value_proj` [D, E], `norm_key`, `norm_query`,
  ///   `norm_conv` [M x D], `conv1d` [M x D, K]
  ///
  /// The taps may also have the shape [M x D, 1, K].
  ///
  /// - Parameter dilation: tokens between two taps of the convolution: the highest order of
  ///   N-grams, 3 in both models that have one.
  /// - Throws: `FusionError` for a tensor that is missing or disagrees with the others.
  public init(
    _ form: FusionForm, tensors: [String: FusionTensor], dilation: Int = 3
  ) throws(FusionError) {
    let named = NamedTensors(form: form, tensors: tensors)
    self.form = form
    switch form {
    case .deepSeekV41:
      gate = try Self.deepSeekGate(named)
      convolution = nil
    case .engramPaper:
      gate = try Self.paperGate(named)
      convolution = try Self.convolution(
        named, taps: "conv_weight", norm: "conv_norm",
        normShape: [gate.branches, gate.width], normOffset: 0, of: gate, dilation: dilation)
    case .qwenPLE:
      gate = try Self.qwenGate(named)
      convolution = try Self.convolution(
        named, taps: "conv1d", norm: "norm_conv", normShape: [gate.branches * gate.width],
        normOffset: 1, of: gate, dilation: dilation)
    }
  }

  private static func deepSeekGate(_ named: NamedTensors) throws(FusionError) -> Gate {
    let query = try named.tensor("q_weight", rank: 2)
    let (branches, width) = (query.shape[0], query.shape[1])
    let key = try named.values("k_weight", [branches, width])
    let inputs = try named.tensor("wkv", rank: 2).shape[1]
    return Gate(
      branches: branches, width: width, inputs: inputs,
      projection: try named.values("wkv", [(branches + 1) * width, inputs]), bias: nil,
      weight: zip(query.values, key).map { $0 * $1 }, epsilon: named.form.gateEpsilon)
  }

  private static func paperGate(_ named: NamedTensors) throws(FusionError) -> Gate {
    let keys = try named.tensor("key_weight", rank: 3)
    let (branches, width, inputs) = (keys.shape[0], keys.shape[1], keys.shape[2])
    let value = try named.values("value_weight", [width, inputs])
    let keyNorm = try named.values("key_norm", [branches, width])
    let queryNorm = try named.values("query_norm", [branches, width])
    return Gate(
      branches: branches, width: width, inputs: inputs, projection: keys.values + value,
      bias: try named.values("key_bias", [branches, width])
        + named.values("value_bias", [width]),
      weight: zip(keyNorm, queryNorm).map { $0 * $1 }, epsilon: named.form.gateEpsilon)
  }

  private static func qwenGate(_ named: NamedTensors) throws(FusionError) -> Gate {
    let value = try named.tensor("value_proj", rank: 2)
    let (width, inputs) = (value.shape[0], value.shape[1])
    let keys = try named.tensor("key_proj", rank: 2)
    guard keys.shape[0] % width == 0 else {
      throw .impossibleShape(
        tensor: "key_proj", found: keys.shape,
        expected: "a multiple of value_proj's \(width) rows")
    }
    let branches = keys.shape[0] / width
    let projection = try named.values("key_proj", [branches * width, inputs]) + value.values
    let keyNorm = try named.values("norm_key", [branches * width])
    let queryNorm = try named.values("norm_query", [branches * width])
    return Gate(
      branches: branches, width: width, inputs: inputs, projection: projection, bias: nil,
      weight: zip(keyNorm, queryNorm).map { (1 + $0) * (1 + $1) },
      epsilon: named.form.gateEpsilon)
  }

  /// - Parameter normOffset: what is added to a stored norm weight to get the weight.
  private static func convolution(
    _ named: NamedTensors, taps name: String, norm normName: String, normShape: [Int],
    normOffset: Float, of gate: Gate, dilation: Int
  ) throws(FusionError) -> ShortConvolution {
    let channels = gate.branches * gate.width
    let shape = try named.tensor(name, rank: nil).shape
    let kernel = shape.last ?? 0
    guard (1...1024).contains(kernel), (1...1024).contains(dilation) else {
      throw .impossibleShape(
        tensor: name, found: shape, expected: "[\(channels), kernel], kernel from 1 to 1024")
    }
    let stored = try named.values(
      name, shape.count == 3 ? [channels, 1, kernel] : [channels, kernel])
    let norm = try named.values(normName, normShape)
    var taps = [Float](repeating: 0, count: kernel * channels)
    for channel in 0..<channels {
      for k in 0..<kernel {
        taps[k * channels + channel] =
          stored[channel * kernel + k] * (norm[channel] + normOffset)
      }
    }
    return ShortConvolution(
      kernel: kernel, dilation: dilation, taps: taps, epsilon: named.form.convolutionEpsilon)
  }
}

/// Tensors looked up by name, each with its shape checked.
private struct NamedTensors {
  let form: FusionForm
  let tensors: [String: FusionTensor]

  /// A tensor with `rank` dimensions (any number for `nil`), none of them empty.
  func tensor(_ name: String, rank: Int?) throws(FusionError) -> FusionTensor {
    guard let tensor = tensors[name] else {
      throw .missingTensor(form: form.rawValue, tensor: name)
    }
    guard tensor.shape.count == rank ?? tensor.shape.count,
      tensor.shape.allSatisfy({ (1..<1 << 24).contains($0) })
    else {
      let dimensions = rank.map { "\($0)" } ?? "2 or 3"
      throw .impossibleShape(
        tensor: name, found: tensor.shape,
        expected: "\(dimensions) dimensions from 1 to 2^24 - 1")
    }
    var count = 1
    for dimension in tensor.shape {
      let (product, overflow) = count.multipliedReportingOverflow(by: dimension)
      guard !overflow else {
        throw .elementCount(tensor: name, shape: tensor.shape, values: tensor.values.count)
      }
      count = product
    }
    guard count == tensor.values.count else {
      throw .elementCount(tensor: name, shape: tensor.shape, values: tensor.values.count)
    }
    return tensor
  }

  /// The values of a tensor that must have exactly this shape.
  func values(_ name: String, _ shape: [Int]) throws(FusionError) -> [Float] {
    let tensor = try tensor(name, rank: nil)
    guard tensor.shape == shape else {
      throw .shape(tensor: name, found: tensor.shape, expected: shape)
    }
    return tensor.values
  }
}
