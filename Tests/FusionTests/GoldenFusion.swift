import Foundation
import Safetensors
import Testing

@testable import Fusion

/// A golden case: inputs and weights in float32, results computed in float64.
struct GoldenFusion {
  let form: FusionForm
  let weights: FusionWeights
  let tensors: [String: FusionTensor]
  let tokens: Int
  let hidden: [Float]
  let rows: [Float]
  let mask: [UInt8]?
  let gate: [Double]
  let delta: [Double]
  let output: [Double]

  static let names: [(name: String, form: FusionForm)] = [
    ("deepseek-v41-1", .deepSeekV41), ("deepseek-v41-2", .deepSeekV41),
    ("engram-demo-1", .engramPaper), ("engram-demo-2", .engramPaper),
    ("qwen-ple-1", .qwenPLE), ("qwen-ple-2", .qwenPLE),
  ]

  init(_ name: String, _ form: FusionForm) throws {
    let path = try #require(
      Bundle.module.path(forResource: "Golden/fusion-\(name)", ofType: "safetensors"))
    let file = try SafetensorsFile(path: path)
    var tensors: [String: FusionTensor] = [:]
    for tensor in file.tensors where tensor.type == .f32 {
      tensors[tensor.name] = FusionTensor(
        shape: tensor.shape, values: try file.floats(of: tensor.name))
    }
    let hidden = try #require(tensors["hidden"])
    self.form = form
    self.tensors = tensors
    self.hidden = hidden.values
    tokens = hidden.shape[0]
    rows = try #require(tensors["rows"]).values
    mask = file["token_mask"].map { tensor in
      file.withUnsafeBytes(of: tensor) { Array($0) }
    }
    weights = try FusionWeights(form, tensors: tensors)
    gate = try file.doubles(of: "expected_gate")
    delta = try file.doubles(of: "expected_delta")
    output = try file.doubles(of: "expected_output")
  }
}

/// The results of fusing, as arrays.
struct Fused {
  var gate: [Float] = []
  var delta: [Float] = []
  var output: [Float] = []

  /// Fuses tokens, in pieces of the given lengths.
  init(
    _ fusion: EngramFusion, hidden: [Float], rows: [Float], mask: [UInt8]?, pieces: [Int]
  ) throws {
    let weights = fusion.weights
    var state = ConvolutionState(for: weights)
    var first = 0
    for count in pieces {
      let stride = weights.branches * weights.width
      let piece = try Fused(
        fusion, tokens: count, hidden: Array(hidden[first * stride..<(first + count) * stride]),
        rows: Array(rows[first * weights.inputs..<(first + count) * weights.inputs]),
        mask: mask.map { Array($0[first..<first + count]) }, state: &state)
      gate += piece.gate
      delta += piece.delta
      output += piece.output
      first += count
    }
  }

  init(
    _ fusion: EngramFusion, tokens: Int, hidden: [Float], rows: [Float], mask: [UInt8]?,
    state: inout ConvolutionState
  ) throws {
    gate = [Float](repeating: .nan, count: tokens * fusion.weights.branches)
    delta = [Float](repeating: .nan, count: hidden.count)
    output = delta
    try hidden.withUnsafeBufferPointer { hidden in
      try rows.withUnsafeBufferPointer { rows in
        try gate.withUnsafeMutableBufferPointer { gate in
          try delta.withUnsafeMutableBufferPointer { delta in
            try output.withUnsafeMutableBufferPointer { output in
              let outputs = FusionOutputs(gate: gate, delta: delta, output: output)
              guard let mask else {
                return try fusion.forward(
                  tokens: tokens, hidden: hidden, rows: rows, mask: nil, state: &state,
                  into: outputs)
              }
              try mask.withUnsafeBufferPointer { mask in
                try fusion.forward(
                  tokens: tokens, hidden: hidden, rows: rows, mask: mask, state: &state,
                  into: outputs)
              }
            }
          }
        }
      }
    }
  }
}

/// The largest |a - b| / max(1, |b|); infinite where a number is missing or not finite.
func difference(_ found: [Float], _ expected: [Double]) -> Double {
  guard found.count == expected.count else { return .infinity }
  return zip(found, expected).reduce(0) { worst, pair in
    let error = abs(Double(pair.0) - pair.1) / max(1, abs(pair.1))
    return error.isNaN ? .infinity : max(worst, error)
  }
}

func difference(_ found: [Float], _ expected: [Float]) -> Double {
  difference(found, expected.map(Double.init))
}
