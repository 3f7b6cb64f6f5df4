import Serving

/// The members of a body that is one JSON object: no others than these, within bounds, and named in
/// what is said of them.
struct BodyMembers<Keys: CodingKey & CaseIterable> {
  private let container: KeyedDecodingContainer<Keys>

  /// - Throws: `RequestError.unknownMember`, `DecodingError`.
  init(_ decoder: any Decoder, _ keys: Keys.Type) throws {
    try decoder.refuseMembers(besides: keys)
    container = try decoder.container(keyedBy: keys)
  }

  /// A member that has to be there.
  func required<Value: Decodable>(_ key: Keys, _ type: Value.Type = Value.self) throws -> Value {
    try container.decode(type, forKey: key)
  }

  /// A member that may be missing or null.
  func optional<Value: Decodable>(_ key: Keys, _ type: Value.Type = Value.self) throws -> Value? {
    try container.decodeIfPresent(type, forKey: key)
  }

  /// A number within bounds, `standard` where it is missing or null.
  ///
  /// - Throws: `RequestError.badValue`, `DecodingError`.
  func number(_ key: Keys, in range: ClosedRange<Int>, otherwise standard: Int) throws -> Int {
    let value = try optional(key, Int.self) ?? standard
    try check(key, value, range)
    return value
  }

  /// - Throws: `RequestError.badValue` of a value out of bounds.
  func check(_ key: Keys, _ value: Int, _ range: ClosedRange<Int>) throws {
    guard range.contains(value) else {
      let most = range.upperBound == .max ? "or more" : "to \(range.upperBound)"
      throw RequestError.badValue(
        name: key.stringValue, found: "\(value)", expected: "\(range.lowerBound) \(most)")
    }
  }

  /// A text of at least one byte and at most `limit`.
  ///
  /// - Throws: `RequestError.badValue`, `DecodingError`.
  func text(_ key: Keys, _ value: String, bytes limit: Int) throws -> String {
    guard (1...limit).contains(value.utf8.count) else {
      throw RequestError.badValue(
        name: key.stringValue, found: "\(value.utf8.count) bytes", expected: "1 to \(limit)")
    }
    return value
  }
}

/// The longest name of a table or dataset, version and all, that a body may have.
let mostNameBytes = 512
