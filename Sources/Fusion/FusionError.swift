/// What can be wrong with fusion weights or with what is given to them.
public enum FusionError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The form needs a tensor that is not there.
  case missingTensor(form: String, tensor: String)
  /// A tensor's shape does not agree with the other tensors.
  case shape(tensor: String, found: [Int], expected: [Int])
  /// A tensor has a number of dimensions, or a dimension, that the form cannot have.
  case impossibleShape(tensor: String, found: [Int], expected: String)
  /// A tensor's values are more or fewer than its shape says.
  case elementCount(tensor: String, shape: [Int], values: Int)
  /// An input or output buffer does not have the size that the tokens need.
  case bufferSize(buffer: String, found: Int, expected: Int)
  /// A convolution state of other weights.
  case foreignState(found: Int, expected: Int)
  /// A fusion cannot have such a size.
  case size(name: String, found: Int, most: Int)

  /// One line: what is wrong, where, and what to do.
  public var description: String {
    switch self {
    case .missingTensor(let form, let tensor):
      "fusion \(form) needs the tensor \(tensor), which is not there; check the preset and names"
    case .shape(let tensor, let found, let expected):
      "fusion tensor \(tensor) has the shape \(found), the other tensors need \(expected); "
        + "check that all come from one layer of one model"
    case .impossibleShape(let tensor, let found, let expected):
      "fusion tensor \(tensor) has the shape \(found), expected \(expected); check the preset"
    case .elementCount(let tensor, let shape, let values):
      "fusion tensor \(tensor) has \(values) values, its shape is \(shape); read it again"
    case .bufferSize(let buffer, let found, let expected):
      "fusion buffer \(buffer) has \(found) numbers, these tokens need \(expected); "
        + "give a buffer of that size"
    case .foreignState(let found, let expected):
      "the convolution state holds \(found) numbers, these weights need \(expected); "
        + "start from a state made for these weights"
    case .size(let name, let found, let most):
      "a fusion cannot have \(name) \(found); give a number from 1 to \(most)"
    }
  }
}
