import Fusion
import Safetensors

extension CheckpointFolder {
  /// The fusion weights of a layer, in float32.
  ///
  /// DeepSeek-V4.1: `layers.N.engram.{wkv.weight, wkv.scale, q_weight, k_weight}`, FP8 with one
  /// E8M0 scale for each block of 32 x 32. Qwen PLE: `...layers.N.ple.{key_proj, value_proj,
  /// conv1d, norm_key, norm_query, norm_conv}.weight`.
  ///
  /// - Throws: `CheckpointError.missingTensor`, `.wrongTensor`, `.noTables` for plain folders;
  ///   `FusionError` where shapes contradict one another.
  /// - Complexity: reads all of them; V4.1's take 629 MB in float32.
  public func fusionWeights(layer: Int) throws -> FusionWeights {
    switch family {
    case .deepseekV41: try deepSeekWeights(layer)
    case .qwenPLE: try qwenWeights(layer)
    case .plain: throw CheckpointError.noTables(path: path)
    }
  }

  private func deepSeekWeights(_ layer: Int) throws -> FusionWeights {
    let prefix = "layers.\(layer).engram."
    let codes = try tensor(prefix + "wkv.weight")
    let scales = try tensor(prefix + "wkv.scale")
    guard codes.tensor.type == .f8e4m3, codes.tensor.shape.count == 2 else {
      throw CheckpointError.wrongTensor(
        name: codes.tensor.name, expected: "F8_E4M3 [outputs, inputs]", found: codes.summary)
    }
    let shape = codes.tensor.shape
    let blocks = shape.map { ($0 + 31) / 32 }
    guard scales.tensor.type == .f8e8m0, scales.tensor.shape == blocks else {
      throw CheckpointError.wrongTensor(
        name: scales.tensor.name, expected: "F8_E8M0 \(blocks)", found: scales.summary)
    }
    let wkv = try codes.file.withUnsafeBytes(of: codes.tensor) { codeBytes in
      try scales.file.withUnsafeBytes(of: scales.tensor) { scaleBytes in
        try FusionTensor(
          fp8: codeBytes.bindMemory(to: UInt8.self), scales: scaleBytes.bindMemory(to: UInt8.self),
          rows: shape[0], columns: shape[1], name: codes.tensor.name)
      }
    }
    return try FusionWeights(
      .deepSeekV41,
      tensors: [
        "wkv": wkv, "q_weight": try floats(prefix + "q_weight"),
        "k_weight": try floats(prefix + "k_weight"),
      ])
  }

  private func qwenWeights(_ layer: Int) throws -> FusionWeights {
    var weights: [String: FusionTensor] = [:]
    for name in FusionForm.qwenPLE.tensorNames {
      weights[name] = try floats("model.language_model.layers.\(layer).ple.\(name).weight")
    }
    return try FusionWeights(.qwenPLE, tensors: weights)
  }

  private func floats(_ name: String) throws -> FusionTensor {
    let location = try tensor(name)
    return FusionTensor(
      shape: location.tensor.shape, values: try location.file.floats(of: name))
  }
}
