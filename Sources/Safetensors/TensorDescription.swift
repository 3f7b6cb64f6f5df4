/// What a header says about one tensor, after all of it was checked against the file.
public struct TensorDescription: Sendable, Hashable {
  /// The tensor's name, as it stands in the header.
  public let name: String
  /// The type of its elements.
  public let type: TensorType
  /// Its dimensions, outermost first; empty for a scalar.
  public let shape: [Int]
  /// Where its bytes lie, counted from the start of the file.
  public let range: Range<Int>

  /// Elements in the tensor: the product of its dimensions.
  public var elementCount: Int { range.count / type.byteCount }
  /// Bytes in the tensor.
  public var byteCount: Int { range.count }
}

/// A tensor that is to be written: a name, a type and a shape, no bytes yet.
public struct TensorDeclaration: Sendable, Hashable {
  /// The tensor's name; not empty, and not `__metadata__`.
  public let name: String
  /// The type of its elements.
  public let type: TensorType
  /// Its dimensions, outermost first; empty for a scalar.
  public let shape: [Int]

  /// Declares a tensor; what is wrong with it is found when a writer takes it.
  public init(name: String, type: TensorType, shape: [Int]) {
    self.name = name
    self.type = type
    self.shape = shape
  }

  /// The bytes it will take, `nil` where a dimension is negative or the product overflows.
  var byteCount: Int? { Self.byteCount(shape: shape, type: type) }

  static func byteCount(shape: [Int], type: TensorType) -> Int? {
    var count = type.byteCount
    for dimension in shape {
      let (product, overflow) = count.multipliedReportingOverflow(by: dimension)
      guard dimension >= 0, !overflow else { return nil }
      count = product
    }
    return count
  }
}
