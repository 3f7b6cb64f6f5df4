import StrictJSON

/// JSON values, written without white space and with the fewest escapes; numbers as they were
/// written, members in their order.
enum CanonicalJSON {
  /// Appends a value.
  ///
  /// - Returns: the name that an object in it has twice, `nil` where none has. What was appended is
  ///   of no use then.
  static func append(_ value: JSONValue, to bytes: inout [UInt8]) -> ArraySlice<UInt8>? {
    if let string = value.string {
      string.withUnsafeBytes { JSONText.append($0, to: &bytes) }
    } else if let number = value.numberText {
      bytes.append(contentsOf: number)
    } else if let isTrue = value.bool {
      bytes.append(contentsOf: (isTrue ? "true" : "false").utf8)
    } else if let elements = value.elements {
      bytes.append(UInt8(ascii: "["))
      for (index, element) in elements.enumerated() {
        if index > 0 { bytes.append(UInt8(ascii: ",")) }
        if let twice = append(element, to: &bytes) { return twice }
      }
      bytes.append(UInt8(ascii: "]"))
    } else if let members = value.members {
      return append(members, to: &bytes)
    } else {
      bytes.append(contentsOf: "null".utf8)
    }
    return nil
  }

  private static func append(
    _ members: JSONValue.Members, to bytes: inout [UInt8]
  ) -> ArraySlice<UInt8>? {
    if members.count > 1 {
      let names = members.map(\.name).sorted { $0.lexicographicallyPrecedes($1) }
      for (one, other) in zip(names, names.dropFirst()) where one == other { return one }
    }
    bytes.append(UInt8(ascii: "{"))
    for (index, member) in members.enumerated() {
      if index > 0 { bytes.append(UInt8(ascii: ",")) }
      member.name.withUnsafeBytes { JSONText.append($0, to: &bytes) }
      bytes.append(UInt8(ascii: ":"))
      if let twice = append(member.value, to: &bytes) { return twice }
    }
    bytes.append(UInt8(ascii: "}"))
    return nil
  }
}

extension JSONValue {
  /// Whether it is no array and no object.
  var isScalar: Bool { elements == nil && members == nil }
}
