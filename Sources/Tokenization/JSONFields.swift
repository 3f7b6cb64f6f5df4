import StrictJSON

/// The members of a JSON object, read with the checks and the messages of a tokenizer's file.
struct JSONFields {
  private let members: JSONValue.Members
  private let name: String

  init(_ value: JSONValue, _ name: String) throws(TokenizationError) {
    guard let members = value.members else {
      throw .invalid(field: name, reason: "it must be an object")
    }
    self.members = members
    self.name = name
  }

  /// A member that is there and not null; of several with one name the last.
  func optional(_ key: String) -> JSONValue? {
    var found: JSONValue?
    for member in members where member.name.elementsEqual(key.utf8) { found = member.value }
    return found.flatMap { $0.isNull ? nil : $0 }
  }

  func required(_ key: String) throws(TokenizationError) -> JSONValue {
    guard let value = optional(key) else {
      throw .invalid(field: name, reason: "\"\(key)\" is missing")
    }
    return value
  }

  func bool(_ key: String, default missing: Bool) throws(TokenizationError) -> Bool {
    guard let value = optional(key) else { return missing }
    return try checked(value.bool, key, "true or false")
  }

  func integer(_ key: String) throws(TokenizationError) -> Int {
    try checked(required(key).integer, key, "an integer")
  }

  func bytes(_ key: String) throws(TokenizationError) -> ArraySlice<UInt8> {
    try checked(required(key).string, key, "a string")
  }

  func text(_ key: String) throws(TokenizationError) -> String {
    String(decoding: try bytes(key), as: UTF8.self)
  }

  func array(_ key: String) throws(TokenizationError) -> JSONValue.Elements {
    try checked(required(key).elements, key, "an array")
  }

  /// The members of an object, by the bytes of their names.
  func members(of key: String) throws(TokenizationError) -> JSONValue.Members {
    try checked(required(key).members, key, "an object")
  }

  private func checked<Value>(
    _ value: Value?, _ key: String, _ kind: String
  ) throws(TokenizationError) -> Value {
    guard let value else {
      throw .invalid(field: "\(name).\(key)", reason: "it must be \(kind)")
    }
    return value
  }
}
