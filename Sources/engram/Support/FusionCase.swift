import Foundation
import Fusion

/// A size at which fusion is measured.
struct FusionCase {
  let name: String
  let form: FusionForm
  let branches: Int
  let width: Int
  let inputs: Int

  static let all = [
    FusionCase(
      name: "engram-paper", form: .engramPaper, branches: 4, width: 1024, inputs: 1024),
    FusionCase(
      name: "deepseek-v4.1", form: .deepSeekV41, branches: 4, width: 5120, inputs: 6144),
  ]

  static var names: String { all.map(\.name).joined(separator: ", ") }

  var title: String { "\(name) D \(width) M \(branches) E \(inputs)" }

  /// Tokens a second: the median over `repeats` batches, after one that is not counted.
  func measure(tokens: Int, threads: Int, repeats: Int) throws -> Double {
    let fusion = EngramFusion(try FusionWeights(form, tensors: tensors()), threads: threads)
    let hidden = Self.numbers(tokens * branches * width, seed: 1)
    let rows = Self.numbers(tokens * inputs, seed: 2)
    var output = hidden
    var state = ConvolutionState(for: fusion.weights)
    var times: [Double] = []
    for round in 0...repeats {
      let start = ContinuousClock.now
      try output.withUnsafeMutableBufferPointer { output in
        try hidden.withUnsafeBufferPointer { hidden in
          try rows.withUnsafeBufferPointer { rows in
            try fusion.forward(
              tokens: tokens, hidden: hidden, rows: rows, mask: nil, state: &state,
              into: FusionOutputs(output: output))
          }
        }
      }
      if round > 0 { times.append((ContinuousClock.now - start) / .seconds(1)) }
    }
    return Double(tokens) / times.sorted()[times.count / 2]
  }

  private func tensors() -> [String: FusionTensor] {
    func tensor(_ shape: Int...) -> FusionTensor {
      let count = shape.reduce(1, *)
      return FusionTensor(shape: shape, values: Self.numbers(count, seed: UInt64(count)))
    }
    let (m, d, e) = (branches, width, inputs)
    switch form {
    case .engramPaper:
      return [
        "key_weight": tensor(m, d, e), "key_bias": tensor(m, d), "value_weight": tensor(d, e),
        "value_bias": tensor(d), "key_norm": tensor(m, d), "query_norm": tensor(m, d),
        "conv_norm": tensor(m, d), "conv_weight": tensor(m * d, 4),
      ]
    case .deepSeekV41:
      return [
        "wkv": tensor((m + 1) * d, e), "q_weight": tensor(m, d), "k_weight": tensor(m, d),
      ]
    case .qwenPLE:
      return [
        "key_proj": tensor(m * d, e), "value_proj": tensor(d, e), "norm_key": tensor(m * d),
        "norm_query": tensor(m * d), "norm_conv": tensor(m * d), "conv1d": tensor(m * d, 4),
      ]
    }
  }

  /// Numbers between -1 and 1 that look random.
  private static func numbers(_ count: Int, seed: UInt64) -> [Float] {
    var state = seed
    return [Float](unsafeUninitializedCapacity: count) { buffer, initialized in
      for index in 0..<count {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        let number = Float(Int32(truncatingIfNeeded: state >> 32)) * 0x1p-31
        buffer.initializeElement(at: index, to: number)
      }
      initialized = count
    }
  }
}
