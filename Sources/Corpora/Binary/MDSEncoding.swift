/// How a column's values are stored, by MosaicML streaming's names.
enum MDSEncoding: Hashable {
  case text
  case bytes
  case json
  case integer(IntegerType)
  /// A floating-point number of so many bytes.
  case number(size: Int)
  /// A number as its digits.
  case digits
  /// An array; what is `nil` stands before every value.
  case array(MDSElement?, shape: [Int]?)

  /// - Parameter name: as in an index, such as `ndarray:uint16:2048`.
  /// - Returns: `nil` for an encoding that is not read here (pictures, pickles).
  init?(_ name: String) {
    let parts = name.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
    switch parts[0] {
    case "ndarray" where parts.count <= 3:
      var element: MDSElement?
      if parts.count > 1, !parts[1].isEmpty {
        element = MDSElement(parts[1])
        guard element != nil else { return nil }
      }
      var shape: [Int]?
      if parts.count == 3 {
        let dimensions = parts[2].split(separator: ",", omittingEmptySubsequences: false)
        shape = dimensions.compactMap { Int($0) }
        guard let shape, shape.count == dimensions.count, shape.count < 64,
          MDSElement.bytes(shape, size: element?.size ?? 8) != nil,
          shape.allSatisfy({ $0 > 0 })
        else { return nil }
      }
      self = .array(element, shape: shape)
      return
    default:
      guard parts.count == 1 else { return nil }
    }
    switch name {
    case "str": self = .text
    case "bytes": self = .bytes
    case "json": self = .json
    case "int": self = .integer(.int64)
    case "float16": self = .number(size: 2)
    case "float32": self = .number(size: 4)
    case "float64": self = .number(size: 8)
    case "str_int", "str_float", "str_decimal": self = .digits
    default:
      guard let type = IntegerType(rawValue: name) else { return nil }
      self = .integer(type)
    }
  }

  /// Bytes of every value, `nil` where values differ.
  var size: Int? {
    switch self {
    case .text, .bytes, .json, .digits: nil
    case .integer(let type): type.size
    case .number(let size): size
    case .array(let element, let shape):
      if let element, let shape { MDSElement.bytes(shape, size: element.size) } else { nil }
    }
  }
}

/// What an array's elements are.
enum MDSElement: Hashable {
  case integer(IntegerType)
  case number(size: Int)

  init?(_ name: String) {
    switch name {
    case "float16": self = .number(size: 2)
    case "float32": self = .number(size: 4)
    case "float64": self = .number(size: 8)
    default:
      guard let type = IntegerType(rawValue: name) else { return nil }
      self = .integer(type)
    }
  }

  /// The number that stands for the type before a value.
  init?(code: UInt8) {
    switch code {
    case 8: self = .integer(.uint8)
    case 9: self = .integer(.int8)
    case 16: self = .integer(.uint16)
    case 17: self = .integer(.int16)
    case 18: self = .number(size: 2)
    case 32: self = .integer(.uint32)
    case 33: self = .integer(.int32)
    case 34: self = .number(size: 4)
    case 64: self = .integer(.uint64)
    case 65: self = .integer(.int64)
    case 66: self = .number(size: 8)
    default: return nil
    }
  }

  /// Bytes of an element.
  var size: Int {
    switch self {
    case .integer(let type): type.size
    case .number(let size): size
    }
  }

  /// Bytes of an array, `nil` where they do not fit 62 bits.
  static func bytes(_ shape: [Int], size: Int) -> Int? {
    var bytes = size
    for dimension in shape {
      let (product, overflow) = bytes.multipliedReportingOverflow(by: dimension)
      guard !overflow, product >= 0, product < 1 << 62 else { return nil }
      bytes = product
    }
    return bytes
  }
}
