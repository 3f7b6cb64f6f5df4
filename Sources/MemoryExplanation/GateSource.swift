import Foundation
import Fusion

/// The weights that open a memory's gates, and the hidden states that they are opened by.
public struct GateSource {
  /// The weights.
  public var weights: FusionWeights
  /// Where the hidden states come from, for people.
  public var origin: String
  /// Hidden states of tokens, [tokens, branches, width].
  public var hidden: ([Int32]) throws -> [Float]

  /// Weights, and where hidden states come from.
  public init(
    weights: FusionWeights, origin: String, hidden: @escaping ([Int32]) throws -> [Float]
  ) {
    self.weights = weights
    self.origin = origin
    self.hidden = hidden
  }

  /// Gates, [tokens, branches].
  ///
  /// - Parameter rows: the rows of the tokens, decoded and concatenated.
  /// - Throws: `ExplanationError.hiddenStates`; `FusionError`.
  func gates(for tokens: [Int32], rows: [Float]) throws -> [Float] {
    let hidden = try hidden(tokens)
    let expected = tokens.count * weights.branches * weights.width
    guard hidden.count == expected else {
      throw ExplanationError.hiddenStates(expected: expected, found: hidden.count)
    }
    var gates = [Float](repeating: 0, count: tokens.count * weights.branches)
    var history = ConvolutionState(for: weights)
    try gates.withUnsafeMutableBufferPointer { gates in
      try hidden.withUnsafeBufferPointer { hidden in
        try rows.withUnsafeBufferPointer { rows in
          try EngramFusion(weights).forward(
            tokens: tokens.count, hidden: hidden, rows: rows, mask: nil, state: &history,
            into: FusionOutputs(gate: gates))
        }
      }
    }
    return gates
  }
}
