/// Where each weight of a fusion lies in its flat array of parameters.
///
/// The projections come first, keys before value, and their biases next, so that both are one
/// matrix and one vector in every form.
struct FusionLayout {
  /// [(M + 1) x D, E]: the keys of all branches, then the value.
  let projection: Range<Int>
  /// [(M + 1) x D], or empty.
  let bias: Range<Int>
  /// [M, D] each: the norms' weights, less `FusionForm.normOffset`.
  let keyNorm: Range<Int>
  let queryNorm: Range<Int>
  /// [M, D], or empty.
  let convolutionNorm: Range<Int>
  /// [M x D, K], or empty.
  let taps: Range<Int>

  init(_ shape: FusionShape) {
    var end = 0
    func next(_ count: Int) -> Range<Int> {
      defer { end += count }
      return end..<end + count
    }
    projection = next(shape.projections * shape.inputs)
    bias = next(shape.form == .engramPaper ? shape.projections : 0)
    keyNorm = next(shape.channels)
    queryNorm = next(shape.channels)
    convolutionNorm = next(shape.form.hasConvolution ? shape.channels : 0)
    taps = next(shape.channels * shape.kernel)
  }

  /// Numbers in all.
  var count: Int { taps.upperBound }

  /// Names and shapes in the order of the ranges above.
  static func tensors(of shape: FusionShape) -> [(name: String, shape: [Int])] {
    let (m, d, e) = (shape.branches, shape.width, shape.inputs)
    return switch shape.form {
    case .deepSeekV41:
      [("wkv", [(m + 1) * d, e]), ("k_weight", [m, d]), ("q_weight", [m, d])]
    case .engramPaper:
      [
        ("key_weight", [m, d, e]), ("value_weight", [d, e]), ("key_bias", [m, d]),
        ("value_bias", [d]), ("key_norm", [m, d]), ("query_norm", [m, d]), ("conv_norm", [m, d]),
        ("conv_weight", [m * d, shape.kernel]),
      ]
    case .qwenPLE:
      [
        ("key_proj", [m * d, e]), ("value_proj", [d, e]), ("norm_key", [m * d]),
        ("norm_query", [m * d]), ("norm_conv", [m * d]), ("conv1d", [m * d, shape.kernel]),
      ]
    }
  }
}
