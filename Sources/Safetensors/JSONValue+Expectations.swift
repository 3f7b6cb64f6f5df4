import StrictJSON

extension JSONDocument {
  /// Reads the JSON of `file`.
  convenience init(_ json: [UInt8], file: String) throws(SafetensorsError) {
    do { try self.init(json) } catch {
      switch error {
      case .notUTF8: throw .notUTF8(file: file)
      case .malformed(let offset, let expected):
        throw .malformed(file: file, offset: offset, expected: expected)
      }
    }
  }
}

/// What headers and indexes are made of: a value of another kind is an error at its offset.
extension JSONValue {
  func members(in file: String) throws(SafetensorsError) -> Members {
    try checked(members, "'{'", file)
  }

  func text(in file: String) throws(SafetensorsError) -> String {
    try checked(text, "a string", file)
  }

  /// An array of whole numbers from 0 to 2^63 - 1, without sign, fraction or exponent.
  func counts(in file: String) throws(SafetensorsError) -> [Int] {
    let elements = try checked(elements, "'['", file)
    var counts: [Int] = []
    counts.reserveCapacity(elements.count)
    for element in elements {
      let count = element.integer.flatMap { $0 >= 0 ? $0 : nil }
      counts.append(try element.checked(count, "a whole number from 0 to 2^63 - 1", file))
    }
    return counts
  }

  private func checked<Value>(
    _ value: Value?, _ expected: String, _ file: String
  ) throws(SafetensorsError) -> Value {
    guard let value else { throw .malformed(file: file, offset: offset, expected: expected) }
    return value
  }
}
