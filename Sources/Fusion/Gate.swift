import CKernels

/// Keys and value out of a token's rows, and the gates that weigh the value.
///
/// `key_m = K_m e + b_m`, `value = V e + b`, and for each branch m
/// `gate_m = sigmoid(s(sum(key_m * h_m * weight_m) / (rms(key_m) rms(h_m) sqrt(D))))` with
/// `s(g) = sign(g) sqrt(max(|g|, 1e-6))`. The weights of the two norms only occur as a product.
struct Gate: Sendable {
  /// Parallel residual streams, M.
  let branches: Int
  /// Width of a hidden state, D.
  let width: Int
  /// Numbers in a token's rows, E.
  let inputs: Int
  /// [M + 1, D, E]: the keys of all branches, then the value.
  let projection: [Float]
  /// [M + 1, D], or `nil` where the form has none.
  let bias: [Float]?
  /// [M, D]: the weights of the key's and the hidden state's norm, multiplied.
  let weight: [Float]
  /// Added to both mean squares.
  let epsilon: Float

  /// Writes the gates of one branch.
  ///
  /// - Parameter tokens: which tokens of the block.
  /// - Parameter key: [block, D], without bias.
  /// - Parameter hidden: [block, M, D].
  /// - Parameter gate: [block, M].
  func writeGates(
    branch: Int, tokens: Range<Int>, key: UnsafePointer<Float>, hidden: UnsafePointer<Float>,
    mask: UnsafePointer<UInt8>?, gate: UnsafeMutablePointer<Float>
  ) {
    let first = tokens.lowerBound
    weight.withUnsafeBufferPointer { weight in
      withOptionalPointer(to: bias) { bias in
        engram_fuse_gate(
          tokens.count, width, key + first * width, bias.map { $0 + branch * width },
          hidden + (first * branches + branch) * width, branches * width,
          weight.baseAddress! + branch * width, epsilon, mask.map { $0 + first },
          gate + first * branches + branch, branches)
      }
    }
  }
}

/// Calls `body` with the address of an array's first element, or with `nil` where there is none.
func withOptionalPointer<Result>(
  to array: [Float]?, _ body: (UnsafePointer<Float>?) -> Result
) -> Result {
  guard let array else { return body(nil) }
  return array.withUnsafeBufferPointer { body($0.baseAddress) }
}
