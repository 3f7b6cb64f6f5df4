import Foundation
import SeededRandom

@testable import Fusion

/// A fusion over several sequences as plain loops in float64, with everything it depends on by
/// name, so that central differences can move one number at a time.
struct PlainTraining {
  let shape: FusionShape
  let sequences: [Int]
  let mask: [UInt8]?
  /// Weights by their names, `hidden` [T, M, D] and `rows` [T, E].
  var numbers: [String: [Double]]
  /// What the loss weighs outputs with, [T, M, D].
  let upstream: [Float]

  var tokens: Int { sequences.reduce(0, +) }

  /// Random numbers that float32 holds exactly.
  init(_ shape: FusionShape, sequences: [Int], masked: Bool, seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    func draw(_ count: Int, around mean: Float = 0, by size: Float = 1) -> [Double] {
      (0..<count).map { _ in Double(mean + size * Float.random(in: -1...1, using: &random)) }
    }
    let tokens = sequences.reduce(0, +)
    numbers = [
      "hidden": draw(tokens * shape.branches * shape.width), "rows": draw(tokens * shape.inputs),
    ]
    for slice in FusionParameters.slices(of: shape) {
      let isNorm = slice.name.contains("norm") || slice.name.hasSuffix("k_weight")
      let mean: Float = (isNorm || slice.name == "q_weight") && shape.form != .qwenPLE ? 1 : 0
      numbers[slice.name] = draw(slice.range.count, around: mean, by: 0.7)
    }
    upstream = draw(tokens * shape.branches * shape.width).map { Float($0) }
    mask = masked ? (0..<tokens).map { _ in UInt8.random(in: 0...3, using: &random) } : nil
    (self.shape, self.sequences) = (shape, sequences)
  }

  func floats(_ name: String) -> [Float] { (numbers[name] ?? []).map { Float($0) } }

  func parameters() throws -> FusionParameters {
    var tensors: [String: FusionTensor] = [:]
    for slice in FusionParameters.slices(of: shape) {
      tensors[slice.name] = FusionTensor(shape: slice.shape, values: floats(slice.name))
    }
    return try FusionParameters(shape: shape, tensors: tensors)
  }

  /// The derivative of the loss by each number of one tensor.
  func centralDifferences(_ name: String) -> [Double] {
    let step = 1e-6
    return (numbers[name] ?? []).indices.map { index in
      var moved = self
      moved.numbers[name]![index] += step
      let above = moved.loss()
      moved.numbers[name]![index] -= 2 * step
      return (above - moved.loss()) / (2 * step)
    }
  }

  func loss() -> Double {
    zip(output(), upstream).reduce(0) { $0 + $1.0 * Double($1.1) }
  }

  func output() -> [Double] {
    var output: [Double] = []
    var first = 0
    for count in sequences {
      output += sequence(first, count)
      first += count
    }
    return output
  }

  private func sequence(_ first: Int, _ count: Int) -> [Double] {
    let (m, d) = (shape.branches, shape.width)
    let values = (first..<first + count).map { t in
      let value = value(t)
      return (0..<m).map { branch in
        let gate = gate(branch, t)
        return value.map { $0 * gate }
      }
    }
    return (0..<count).flatMap { t in
      (0..<m).flatMap { branch in
        (0..<d).map { i in
          numbers["hidden"]![((first + t) * m + branch) * d + i] + values[t][branch][i]
            + convolution(values, t, branch, i)
        }
      }
    }
  }

  private func convolution(_ values: [[[Double]]], _ t: Int, _ branch: Int, _ i: Int) -> Double {
    let channel = branch * shape.width + i
    let (taps, norm, epsilon): ([Double], Double, Double)
    switch shape.form {
    case .deepSeekV41: return 0
    case .engramPaper:
      (taps, norm, epsilon) = (numbers["conv_weight"]!, numbers["conv_norm"]![channel], 1e-5)
    case .qwenPLE:
      (taps, norm, epsilon) = (numbers["conv1d"]!, 1 + numbers["norm_conv"]![channel], 1e-6)
    }
    var sum = 0.0
    for k in 0..<shape.kernel {
      let past = t - (shape.kernel - 1 - k) * shape.dilation
      guard past >= 0 else { continue }
      let v = values[past][branch]
      let mean = v.reduce(0) { $0 + $1 * $1 } / Double(shape.width)
      sum += taps[channel * shape.kernel + k] * v[i] / (mean + epsilon).squareRoot() * norm
    }
    return sum / (1 + exp(-sum))
  }

  private func gate(_ branch: Int, _ t: Int) -> Double {
    if let mask, mask[t] == 0 { return 0 }
    let d = shape.width
    let h = numbers["hidden"]![
      (t * shape.branches + branch) * d..<(t * shape.branches + branch + 1) * d]
    let epsilon: Double
    let norms: (key: String, query: String, offset: Double)
    var key: [Double]
    switch shape.form {
    case .deepSeekV41:
      (epsilon, norms) = (1e-20, ("k_weight", "q_weight", 0))
      key = (0..<d).map { project("wkv", branch * d + $0, t) }
    case .engramPaper:
      (epsilon, norms) = (0x1p-23, ("key_norm", "query_norm", 0))
      key = (0..<d).map {
        project("key_weight", branch * d + $0, t) + numbers["key_bias"]![branch * d + $0]
      }
    case .qwenPLE:
      (epsilon, norms) = (1e-6, ("norm_key", "norm_query", 1))
      key = (0..<d).map { project("key_proj", branch * d + $0, t) }
    }
    let rootK = (key.reduce(0) { $0 + $1 * $1 } / Double(d) + epsilon).squareRoot()
    let rootH = (h.reduce(0) { $0 + $1 * $1 } / Double(d) + epsilon).squareRoot()
    var dot = 0.0
    for i in 0..<d {
      let weight =
        (numbers[norms.key]![branch * d + i] + norms.offset)
        * (numbers[norms.query]![branch * d + i] + norms.offset)
      dot += key[i] / rootK * h[h.startIndex + i] / rootH * weight
    }
    dot /= Double(d).squareRoot()
    let s = (dot < 0 ? -1 : 1) * max(abs(dot), 1e-6).squareRoot()
    return 1 / (1 + exp(-s))
  }

  private func value(_ t: Int) -> [Double] {
    (0..<shape.width).map { i in
      switch shape.form {
      case .deepSeekV41: project("wkv", shape.branches * shape.width + i, t)
      case .engramPaper: project("value_weight", i, t) + numbers["value_bias"]![i]
      case .qwenPLE: project("value_proj", i, t)
      }
    }
  }

  private func project(_ name: String, _ row: Int, _ t: Int) -> Double {
    let (weights, rows, e) = (numbers[name]!, numbers["rows"]!, shape.inputs)
    return (0..<e).reduce(0) { $0 + weights[row * e + $1] * rows[t * e + $1] }
  }
}
