import Foundation
import SeededRandom

@testable import Fusion

/// Random weights and inputs of a form, and its rule as a plain loop in float64.
struct PlainFusion {
  let form: FusionForm
  let branches: Int
  let width: Int
  let inputs: Int
  let tokens: Int
  let tensors: [String: FusionTensor]
  let hidden: [Float]
  let rows: [Float]
  let mask: [UInt8]

  init(form: FusionForm, branches m: Int, width d: Int, inputs e: Int, tokens t: Int, seed: UInt64)
  {
    var random = SeededGenerator(seed: seed)
    func tensor(_ shape: Int..., around mean: Float = 0, by size: Float = 1) -> FusionTensor {
      FusionTensor(
        shape: shape,
        values: (0..<shape.reduce(1, *)).map { _ in
          mean + size * Float.random(in: -1...1, using: &random)
        })
    }
    let small = 1 / Float(e).squareRoot()
    switch form {
    case .engramPaper:
      tensors = [
        "key_weight": tensor(m, d, e, by: small), "key_bias": tensor(m, d),
        "value_weight": tensor(d, e, by: small), "value_bias": tensor(d),
        "key_norm": tensor(m, d, around: 1), "query_norm": tensor(m, d, around: 1),
        "conv_norm": tensor(m, d, around: 1), "conv_weight": tensor(m * d, 4),
      ]
    case .deepSeekV41:
      tensors = [
        "wkv": tensor((m + 1) * d, e, by: small), "q_weight": tensor(m, d, around: 1),
        "k_weight": tensor(m, d, around: 1),
      ]
    case .qwenPLE:
      tensors = [
        "key_proj": tensor(m * d, e, by: small), "value_proj": tensor(d, e, by: small),
        "norm_key": tensor(m * d), "norm_query": tensor(m * d), "norm_conv": tensor(m * d),
        "conv1d": tensor(m * d, 1, 4),
      ]
    }
    hidden = tensor(t, m, d).values
    rows = tensor(t, e).values
    mask = (0..<t).map { _ in UInt8.random(in: 0...7, using: &random) == 0 ? 0 : 1 }
    self.form = form
    (branches, width, inputs, tokens) = (m, d, e, t)
  }

  private func weight(_ name: String, _ index: Int, plus offset: Double = 0) -> Double {
    Double(tensors[name]?.values[index] ?? .nan) + offset
  }

  private func dot(_ name: String, row: Int, token: Int) -> Double {
    (0..<inputs).reduce(0.0) {
      $0 + weight(name, row * inputs + $1) * Double(rows[token * inputs + $1])
    }
  }

  private func key(_ channel: Int, _ token: Int) -> Double {
    switch form {
    case .engramPaper: dot("key_weight", row: channel, token: token) + weight("key_bias", channel)
    case .deepSeekV41: dot("wkv", row: channel, token: token)
    case .qwenPLE: dot("key_proj", row: channel, token: token)
    }
  }

  private func value(_ d: Int, _ token: Int) -> Double {
    switch form {
    case .engramPaper: dot("value_weight", row: d, token: token) + weight("value_bias", d)
    case .deepSeekV41: dot("wkv", row: branches * width + d, token: token)
    case .qwenPLE: dot("value_proj", row: d, token: token)
    }
  }

  /// Key norm times query norm, and the convolution's norm.
  private func norms(_ channel: Int) -> (gate: Double, convolution: Double) {
    switch form {
    case .engramPaper:
      (weight("key_norm", channel) * weight("query_norm", channel), weight("conv_norm", channel))
    case .deepSeekV41: (weight("q_weight", channel) * weight("k_weight", channel), 0)
    case .qwenPLE:
      (
        weight("norm_key", channel, plus: 1) * weight("norm_query", channel, plus: 1),
        weight("norm_conv", channel, plus: 1)
      )
    }
  }

  func forward(dilation: Int) -> (gate: [Double], delta: [Double], output: [Double]) {
    let gateEpsilon: Double =
      switch form {
      case .engramPaper: 0x1p-23
      case .deepSeekV41: 1e-20
      case .qwenPLE: 1e-6
      }
    let channels = branches * width
    var gates: [Double] = []
    var gated: [Double] = []
    var normed: [Double] = []
    for t in 0..<tokens {
      let value = (0..<width).map { self.value($0, t) }
      for m in 0..<branches {
        let k = (0..<width).map { key(m * width + $0, t) }
        let h = (0..<width).map { Double(hidden[t * channels + m * width + $0]) }
        let rootK = (k.map { $0 * $0 }.reduce(0, +) / Double(width) + gateEpsilon).squareRoot()
        let rootH = (h.map { $0 * $0 }.reduce(0, +) / Double(width) + gateEpsilon).squareRoot()
        let sum = (0..<width).map { k[$0] * h[$0] * norms(m * width + $0).gate }.reduce(0, +)
        let g = sum / rootK / rootH / Double(width).squareRoot()
        let s = (g < 0 ? -1.0 : 1.0) * max(abs(g), 1e-6).squareRoot()
        let gate: Double = mask[t] == 0 ? 0 : 1 / (1 + exp(-s))
        gates.append(gate)
        let v = value.map { $0 * gate }
        let epsilon = form == .engramPaper ? 1e-5 : 1e-6
        let rootV = (v.map { $0 * $0 }.reduce(0, +) / Double(width) + epsilon).squareRoot()
        gated += v
        normed += (0..<width).map { v[$0] / rootV * norms(m * width + $0).convolution }
      }
    }
    var delta = gated
    if form != .deepSeekV41 {
      let taps = form == .engramPaper ? "conv_weight" : "conv1d"
      for t in 0..<tokens {
        for channel in 0..<channels {
          var sum = 0.0
          for k in 0..<4 where t >= (3 - k) * dilation {
            let past = t - (3 - k) * dilation
            sum += weight(taps, channel * 4 + k) * normed[past * channels + channel]
          }
          delta[t * channels + channel] += sum / (1 + exp(-sum))
        }
      }
    }
    return (gates, delta, zip(delta, hidden).map { $0 + Double($1) })
  }
}
