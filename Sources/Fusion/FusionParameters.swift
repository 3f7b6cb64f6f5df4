import SeededRandom

/// All weights of one layer's fusion in one flat array, so that an optimizer, a norm and a file
/// see one vector.
public struct FusionParameters: Sendable {
  /// One weight's place in the array.
  public struct Slice: Sendable, Hashable {
    /// Its name, as `FusionWeights` takes it.
    public let name: String
    /// Its dimensions, outermost first.
    public let shape: [Int]
    /// Its numbers, row-major.
    public let range: Range<Int>
  }

  /// Which fusion they belong to.
  public let shape: FusionShape
  /// Every weight, one after another as `slices(of:)` lists them.
  public var values: [Float]

  /// The weights of such a fusion, in the order of the array, which they cover without gaps.
  public static func slices(of shape: FusionShape) -> [Slice] {
    var end = 0
    return FusionLayout.tensors(of: shape).map { name, dimensions in
      let first = end
      end += dimensions.reduce(1, *)
      return Slice(name: name, shape: dimensions, range: first..<end)
    }
  }

  /// Weights to start training from, the same for a seed on every machine: projections uniform
  /// within +-sqrt(3 / E), so that keys and values have the variance of the rows; norms 1 (stored
  /// less 1 where the form does so); biases and the convolution's taps 0, so that the convolution
  /// adds nothing until its taps, whose gradient is not 0, have learned to (the Engram paper,
  /// arXiv 2601.07372, starts there too).
  public init(shape: FusionShape, seed: UInt64) {
    let layout = FusionLayout(shape)
    let bound = (3 / Float(shape.inputs)).squareRoot()
    var random = SeededGenerator(seed: seed)
    self.shape = shape
    values = [Float](repeating: 0, count: layout.count)
    for index in layout.projection {
      values[index] = (Float(random.next() >> 40) * 0x1p-23 - 1) * bound
    }
    for index in layout.keyNorm.lowerBound..<layout.convolutionNorm.upperBound {
      values[index] = 1 - shape.form.normOffset
    }
  }

  /// The weights of these names; others are ignored. The taps may have the shape [M x D, 1, K].
  ///
  /// - Throws: `FusionError` for one that is missing or has another shape.
  public init(shape: FusionShape, tensors: [String: FusionTensor]) throws(FusionError) {
    self.shape = shape
    values = []
    for slice in Self.slices(of: shape) {
      guard let tensor = tensors[slice.name] else {
        throw .missingTensor(form: shape.form.rawValue, tensor: slice.name)
      }
      guard tensor.shape == slice.shape || Self.isTaps(tensor.shape, of: shape) else {
        throw .shape(tensor: slice.name, found: tensor.shape, expected: slice.shape)
      }
      guard tensor.values.count == slice.range.count else {
        throw .elementCount(
          tensor: slice.name, shape: tensor.shape, values: tensor.values.count)
      }
      values += tensor.values
    }
  }

  private static func isTaps(_ found: [Int], of shape: FusionShape) -> Bool {
    shape.form.hasConvolution && found == [shape.channels, 1, shape.kernel]
  }

  /// The weights by name, as `FusionWeights` takes them.
  public func tensors() -> [String: FusionTensor] {
    var tensors: [String: FusionTensor] = [:]
    for slice in Self.slices(of: shape) {
      tensors[slice.name] = FusionTensor(shape: slice.shape, values: Array(values[slice.range]))
    }
    return tensors
  }

  /// The weights as `EngramFusion` applies them.
  ///
  /// - Throws: `FusionError` where `values` no longer has its length.
  public func weights() throws(FusionError) -> FusionWeights {
    guard values.count == FusionLayout(shape).count else {
      throw .bufferSize(
        buffer: "parameters", found: values.count, expected: FusionLayout(shape).count)
    }
    return try FusionWeights(shape.form, tensors: tensors(), dilation: max(1, shape.dilation))
  }
}
