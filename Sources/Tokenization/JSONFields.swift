/// The members of a JSON object, read with the checks and the messages of a tokenizer's file.
struct JSONFields {
  private let document: JSONDocument
  private let members: [(key: Range<Int>, value: JSONValue)]
  private let name: String

  init(_ document: JSONDocument, _ value: JSONValue, _ name: String) throws(TokenizationError) {
    guard case .object(let members) = value else {
      throw .invalid(field: name, reason: "it must be an object")
    }
    self.document = document
    self.members = members
    self.name = name
  }

  /// An object inside this one.
  func nested(_ value: JSONValue, _ name: String) throws(TokenizationError) -> JSONFields {
    try JSONFields(document, value, name)
  }

  /// A member that is there and not null; of several with one name the last.
  func optional(_ key: String) -> JSONValue? {
    let bytes = Array(key.utf8)[...]
    guard let member = members.last(where: { document.bytes($0.key).elementsEqual(bytes) })
    else { return nil }
    if case .null = member.value { return nil }
    return member.value
  }

  func required(_ key: String) throws(TokenizationError) -> JSONValue {
    guard let value = optional(key) else {
      throw .invalid(field: name, reason: "\"\(key)\" is missing")
    }
    return value
  }

  func bool(_ key: String, default missing: Bool) throws(TokenizationError) -> Bool {
    guard let value = optional(key) else { return missing }
    guard case .bool(let value) = value else {
      throw .invalid(field: "\(name).\(key)", reason: "it must be true or false")
    }
    return value
  }

  func integer(_ key: String) throws(TokenizationError) -> Int {
    guard case .integer(let value) = try required(key) else {
      throw .invalid(field: "\(name).\(key)", reason: "it must be an integer")
    }
    return value
  }

  func bytes(_ key: String) throws(TokenizationError) -> ArraySlice<UInt8> {
    guard case .string(let range) = try required(key) else {
      throw .invalid(field: "\(name).\(key)", reason: "it must be a string")
    }
    return document.bytes(range)
  }

  func text(_ key: String) throws(TokenizationError) -> String {
    String(decoding: try bytes(key), as: UTF8.self)
  }

  func array(_ key: String) throws(TokenizationError) -> [JSONValue] {
    try array(try required(key), key)
  }

  func array(_ value: JSONValue, _ key: String) throws(TokenizationError) -> [JSONValue] {
    guard case .array(let elements) = value else {
      throw .invalid(field: "\(name).\(key)", reason: "it must be an array")
    }
    return elements
  }

  /// The members of an object, by the bytes of their names.
  func forEachMember(
    of key: String, _ body: (ArraySlice<UInt8>, JSONValue) throws(TokenizationError) -> Void
  ) throws(TokenizationError) {
    guard case .object(let members) = try required(key) else {
      throw .invalid(field: "\(name).\(key)", reason: "it must be an object")
    }
    for member in members { try body(document.bytes(member.key), member.value) }
  }

  /// The bytes of a string value, `nil` for any other value.
  func bytes(of value: JSONValue) -> ArraySlice<UInt8>? {
    guard case .string(let range) = value else { return nil }
    return document.bytes(range)
  }
}
