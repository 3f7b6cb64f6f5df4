/// An array as a column's value holds it.
struct MDSArray {
  let element: MDSElement
  let shape: [Int]
  /// Where the elements are in the value.
  let range: Range<Int>

  /// Reads what stands before the elements.
  ///
  /// - Throws: `BinaryFault` where the value is not such an array.
  init(
    _ value: [UInt8], element fixed: MDSElement?, shape fixedShape: [Int]?
  ) throws(BinaryFault) {
    var position = 0
    if let fixed {
      element = fixed
    } else {
      guard let code = value.first, let found = MDSElement(code: code) else {
        throw BinaryFault("its array says no type that is known")
      }
      element = found
      position = 1
    }
    if let fixedShape {
      shape = fixedShape
    } else {
      guard position < value.count else { throw BinaryFault("its array has no shape") }
      let dimensions = Int(value[position] >> 2)
      let size = 1 << Int(value[position] & 3)
      position += 1
      guard dimensions * size <= value.count - position else {
        throw BinaryFault("the shape of its array is cut off")
      }
      var found: [Int] = []
      for index in 0..<dimensions {
        var dimension: UInt64 = 0
        for byte in 0..<size {
          dimension |= UInt64(value[position + index * size + byte]) << UInt64(8 * byte)
        }
        guard dimension < 1 << 62 else { throw BinaryFault("its array is of impossible size") }
        found.append(Int(dimension))
      }
      shape = found
      position += dimensions * size
    }
    guard MDSElement.bytes(shape, size: element.size) == value.count - position else {
      throw BinaryFault(
        "its array of shape \(shape) has \(value.count - position) bytes of elements")
    }
    range = position..<value.count
  }

  /// The elements as JSON, arrays inside arrays as the shape says.
  func json(_ value: [UInt8]) -> [UInt8] {
    var bytes: [UInt8] = []
    var place = range.lowerBound
    append(value, dimension: 0, &place, to: &bytes)
    return bytes
  }

  private func append(
    _ value: [UInt8], dimension: Int, _ place: inout Int, to bytes: inout [UInt8]
  ) {
    guard dimension < shape.count else {
      bytes.append(contentsOf: element.json(value, at: place))
      place += element.size
      return
    }
    bytes.append(UInt8(ascii: "["))
    // An inner dimension of 0 lets an outer one claim any number of empty arrays.
    let count = range.isEmpty ? 0 : shape[dimension]
    for index in 0..<count {
      if index > 0 { bytes.append(UInt8(ascii: ",")) }
      append(value, dimension: dimension + 1, &place, to: &bytes)
    }
    bytes.append(UInt8(ascii: "]"))
  }
}

extension MDSElement {
  /// A number as JSON; what is no number of JSON (infinite, not a number) is a string.
  func json(_ value: [UInt8], at offset: Int) -> [UInt8] {
    let text: String
    switch self {
    case .integer(let type):
      switch type {
      case .uint8: text = "\(value.number(UInt8.self, at: offset))"
      case .int8: text = "\(value.number(Int8.self, at: offset))"
      case .uint16: text = "\(value.number(UInt16.self, at: offset))"
      case .int16: text = "\(value.number(Int16.self, at: offset))"
      case .uint32: text = "\(value.number(UInt32.self, at: offset))"
      case .int32: text = "\(value.number(Int32.self, at: offset))"
      case .uint64: text = "\(value.number(UInt64.self, at: offset))"
      case .int64: text = "\(value.number(Int64.self, at: offset))"
      }
    case .number(2): text = "\(Float16(bitPattern: value.number(UInt16.self, at: offset)))"
    case .number(4): text = "\(Float(bitPattern: value.number(UInt32.self, at: offset)))"
    case .number: text = "\(Double(bitPattern: value.number(UInt64.self, at: offset)))"
    }
    return JSONText.isNumber(text.utf8) ? Array(text.utf8) : JSONText.quoted(text.utf8)
  }
}
