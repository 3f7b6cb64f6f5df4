import ArgumentParser
import Foundation
import Fusion
import Safetensors

struct FuseCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fuse",
    abstract: "Add looked-up rows to hidden states: gate, projection, convolution.",
    discussion: """
      The input file holds `hidden` [tokens, branches, width], `rows` [tokens, columns, row width]
      (decoded), optionally `token_mask` [tokens] (U8 or BOOL, 0 where a token has no row), and
      the weights of the preset under their names, in F32, F64, F16 or BF16:

        deepseek-v4.1  wkv, q_weight, k_weight
        engram-paper   key_weight, key_bias, value_weight, value_bias, key_norm, query_norm,
                       conv_norm, conv_weight
        qwen-ple       key_proj, value_proj, norm_key, norm_query, norm_conv, conv1d

      The output file gets `gate` [tokens, branches], `delta` and `output` [tokens, branches,
      width], all F32.

      Example:
        engram fuse --preset qwen-ple --in layer1.safetensors --out fused.safetensors
      """)

  @Option(help: "Whose rule: \(FusionForm.allCases.map(\.rawValue).joined(separator: ", ")).")
  var preset: String

  @Option(name: .customLong("in"), help: "The safetensors file with inputs and weights.")
  var input: String

  @Option(name: .customLong("out"), help: "The safetensors file to write.")
  var output: String

  @Option(help: "Tokens between two taps of the convolution.")
  var dilation = 3

  @Option(help: "Threads to use; by default as many as there are processors.")
  var threads: Int?

  func validate() throws {
    guard FusionForm(rawValue: preset) != nil else {
      throw ValidationError(
        "unknown preset \(preset); use one of "
          + FusionForm.allCases.map(\.rawValue).joined(separator: ", "))
    }
    if let threads, threads < 1 { throw ValidationError("--threads must be at least 1") }
  }

  func run() throws {
    guard let form = FusionForm(rawValue: preset) else { return }
    let file = try SafetensorsFile(path: input)
    var tensors: [String: FusionTensor] = [:]
    for name in form.tensorNames {
      if let tensor = file[name] {
        tensors[name] = FusionTensor(shape: tensor.shape, values: try file.floats(of: name))
      }
    }
    let weights = try FusionWeights(form, tensors: tensors, dilation: dilation)
    let hidden = try file.tensor(named: "hidden")
    let tokens = hidden.shape.first ?? 0
    let fused = FusedArrays(tokens: tokens, weights: weights)
    try fused.fuse(
      EngramFusion(weights, threads: threads ?? ProcessInfo.processInfo.activeProcessorCount),
      hidden: try file.floats(of: "hidden", shape: [tokens, weights.branches, weights.width]),
      rows: try rows(of: file, tokens: tokens, inputs: weights.inputs),
      mask: try mask(of: file, tokens: tokens))
    try write(fused, shape: [tokens, weights.branches, weights.width])
  }

  private func rows(of file: SafetensorsFile, tokens: Int, inputs: Int) throws -> [Float] {
    let rows = try file.tensor(named: "rows")
    guard rows.shape.first == tokens, rows.elementCount == tokens * inputs else {
      throw SafetensorsError.unexpectedTensor(
        file: file.path, tensor: "rows", found: "\(rows.shape)",
        expected: "\(tokens) tokens of \(inputs) numbers")
    }
    return try file.floats(of: "rows")
  }

  private func mask(of file: SafetensorsFile, tokens: Int) throws -> [UInt8]? {
    guard let mask = file["token_mask"] else { return nil }
    guard [.u8, .bool].contains(mask.type), mask.shape == [tokens] else {
      throw SafetensorsError.unexpectedTensor(
        file: file.path, tensor: mask.name, found: "\(mask.type.rawValue) \(mask.shape)",
        expected: "U8 or BOOL [\(tokens)]")
    }
    return file.withUnsafeBytes(of: mask) { Array($0) }
  }

  private func write(_ fused: FusedArrays, shape: [Int]) throws {
    let writer = try SafetensorsWriter(
      creating: output,
      tensors: [
        TensorDeclaration(name: "delta", type: .f32, shape: shape),
        TensorDeclaration(name: "gate", type: .f32, shape: Array(shape.prefix(2))),
        TensorDeclaration(name: "output", type: .f32, shape: shape),
      ])
    try writer.append(fused.delta, to: "delta")
    try writer.append(fused.gate, to: "gate")
    try writer.append(fused.output, to: "output")
    try writer.finish()
  }
}

/// The three results of a fusion, as arrays.
private final class FusedArrays {
  private(set) var gate: [Float]
  private(set) var delta: [Float]
  private(set) var output: [Float]
  private let tokens: Int

  init(tokens: Int, weights: FusionWeights) {
    self.tokens = tokens
    gate = [Float](repeating: 0, count: tokens * weights.branches)
    delta = [Float](repeating: 0, count: tokens * weights.branches * weights.width)
    output = delta
  }

  func fuse(_ fusion: EngramFusion, hidden: [Float], rows: [Float], mask: [UInt8]?) throws {
    var state = ConvolutionState(for: fusion.weights)
    let mask = mask ?? [UInt8](repeating: 1, count: tokens)
    try gate.withUnsafeMutableBufferPointer { gate in
      try delta.withUnsafeMutableBufferPointer { delta in
        try output.withUnsafeMutableBufferPointer { output in
          let outputs = FusionOutputs(gate: gate, delta: delta, output: output)
          try hidden.withUnsafeBufferPointer { hidden in
            try rows.withUnsafeBufferPointer { rows in
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
