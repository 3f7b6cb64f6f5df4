/// Which fusion is trained: its form and sizes.
public struct FusionShape: Sendable, Hashable, Codable {
  /// Whose rule.
  public let form: FusionForm
  /// Parallel residual streams, M.
  public let branches: Int
  /// Width of a hidden state, D.
  public let width: Int
  /// Numbers that a token's rows hold together, E: columns x row width.
  public let inputs: Int
  /// Tokens that a sum of the convolution reaches over; 0 where the form has no convolution.
  public let kernel: Int
  /// Tokens from one tap to the next; 0 where the form has no convolution.
  public let dilation: Int

  /// - Parameter kernel: the paper's is 4. It and `dilation` are kept as 0 for a form that has
  ///   no convolution, whatever is given.
  /// - Parameter dilation: the highest order of N-grams, in the models that have a convolution.
  /// - Throws: `FusionError.size` for a size that is not at least 1, or too large to count.
  public init(
    form: FusionForm, branches: Int, width: Int, inputs: Int, kernel: Int = 4, dilation: Int = 3
  ) throws(FusionError) {
    let limits = [
      ("branches", branches, 1 << 12), ("width", width, 1 << 18), ("inputs", inputs, 1 << 20),
      ("kernel", form.hasConvolution ? kernel : 1, 1 << 10),
      ("dilation", form.hasConvolution ? dilation : 1, 1 << 10),
    ]
    for (name, found, most) in limits where !(1...most).contains(found) {
      throw .size(name: name, found: found, most: most)
    }
    self.form = form
    self.branches = branches
    self.width = width
    self.inputs = inputs
    self.kernel = form.hasConvolution ? kernel : 0
    self.dilation = form.hasConvolution ? dilation : 0
  }

  private enum CodingKeys: String, CodingKey {
    case form, branches, width, inputs, kernel, dilation
  }

  /// - Throws: `DecodingError` where a size is missing or not possible.
  public init(from decoder: any Decoder) throws {
    let fields = try decoder.container(keyedBy: CodingKeys.self)
    let form = try fields.decode(FusionForm.self, forKey: .form)
    func size(_ key: CodingKeys) throws -> Int { try fields.decode(Int.self, forKey: key) }
    let (branches, width, inputs) = (
      try size(.branches), try size(.width), try size(.inputs)
    )
    let (kernel, dilation) = (try size(.kernel), try size(.dilation))
    do throws(FusionError) {
      try self.init(
        form: form, branches: branches, width: width, inputs: inputs, kernel: kernel,
        dilation: dilation)
    } catch {
      throw DecodingError.dataCorrupted(
        DecodingError.Context(codingPath: decoder.codingPath, debugDescription: "\(error)"))
    }
  }

  /// M x D.
  var channels: Int { branches * width }
  /// (M + 1) x D: the keys of all branches and the value.
  var projections: Int { channels + width }
}
