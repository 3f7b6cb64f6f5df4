import StrictJSON

/// A scalar of a document's metadata.
///
/// A number that is whole and of at most 2^53 is an integer however it is written.
enum MetadataValue: Hashable, Comparable {
  case bool(Bool)
  case integer(Int)
  case double(Double)
  /// UTF-8.
  case string([UInt8])

  /// The most bytes of a string: the rest is cut off, at a scalar.
  static let stringLimit = 4 << 10

  /// The scalar that a JSON value is; `nil` for null, arrays and objects.
  init?(_ value: JSONValue) {
    if let bool = value.bool {
      self = .bool(bool)
    } else if let integer = value.integer {
      self = .integer(integer)
    } else if let number = value.number {
      guard number.isFinite else { return nil }
      self = .number(number)
    } else if let string = value.string {
      self = .string(Array(Self.cut(string)))
    } else {
      return nil
    }
  }

  /// A finite number.
  static func number(_ number: Double) -> MetadataValue {
    number.magnitude <= 0x1p53 && number == number.rounded(.towardZero)
      ? .integer(Int(number)) : .double(number)
  }

  private static func cut(_ string: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    guard string.count > stringLimit else { return string }
    var end = string.startIndex + stringLimit
    while end > string.startIndex, string[end] & 0xC0 == 0x80 { end -= 1 }
    return string[..<end]
  }

  /// Booleans, then integers, then other numbers, then strings by bytes: the order in a file.
  static func < (left: MetadataValue, right: MetadataValue) -> Bool {
    switch (left, right) {
    case (.bool(let left), .bool(let right)): !left && right
    case (.integer(let left), .integer(let right)): left < right
    case (.double(let left), .double(let right)): left < right
    case (.string(let left), .string(let right)): left.lexicographicallyPrecedes(right)
    default: left.kind < right.kind
    }
  }

  private var kind: Int {
    switch self {
    case .bool: 0
    case .integer: 1
    case .double: 2
    case .string: 3
    }
  }

  /// As text.
  var text: String {
    switch self {
    case .bool(let value): value ? "true" : "false"
    case .integer(let value): String(value)
    case .double(let value): String(value)
    case .string(let bytes): String(decoding: bytes, as: UTF8.self)
    }
  }
}
