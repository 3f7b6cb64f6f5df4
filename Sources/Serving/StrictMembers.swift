/// Any member of a JSON object, by name.
package struct MemberName: CodingKey {
  package let stringValue: String
  package var intValue: Int? { nil }
  package init(stringValue: String) { self.stringValue = stringValue }
  package init?(intValue: Int) { nil }
}

extension Decoder {
  /// Refuses an object that has members other than these: a misspelt one would go unseen.
  ///
  /// - Throws: `RequestError.unknownMember`; `DecodingError` where this is no object.
  package func refuseMembers<Keys: CodingKey & CaseIterable>(besides keys: Keys.Type) throws {
    let known = keys.allCases.map(\.stringValue)
    let found = try container(keyedBy: MemberName.self).allKeys.map(\.stringValue).sorted()
    if let unknown = found.first(where: { !known.contains($0) }) {
      throw RequestError.unknownMember(name: String(unknown.prefix(64)), known: known)
    }
  }
}

/// The members of a JSON object: no others than these, within bounds, and named in what is said of
/// them.
package struct StrictMembers<Keys: CodingKey & CaseIterable> {
  private let container: KeyedDecodingContainer<Keys>

  /// The members of an object that has no others.
  ///
  /// - Throws: `RequestError.unknownMember`, `DecodingError`.
  package init(_ decoder: any Decoder, _ keys: Keys.Type) throws {
    try decoder.refuseMembers(besides: keys)
    try self.init(of: decoder, keys)
  }

  /// The members of an object that may have others.
  ///
  /// - Throws: `DecodingError`.
  package init(of decoder: any Decoder, _ keys: Keys.Type) throws {
    container = try decoder.container(keyedBy: keys)
  }

  /// A member that has to be there.
  ///
  /// - Throws: `RequestError.malformed`: which member, and what it has to be.
  package func required<Value: Decodable>(
    _ key: Keys, _ type: Value.Type = Value.self
  ) throws -> Value {
    guard let value = try optional(key, type) else {
      throw RequestError.malformed(reason: "member \"\(key.stringValue)\" is missing")
    }
    return value
  }

  /// A member that may be missing or null.
  ///
  /// - Throws: as `required`.
  package func optional<Value: Decodable>(
    _ key: Keys, _ type: Value.Type = Value.self
  ) throws -> Value? {
    do {
      return try container.decodeIfPresent(type, forKey: key)
    } catch let error as RequestError {
      throw error
    } catch {
      // Not only `DecodingError`: Foundation lets an error of its own out for numbers out of range.
      throw RequestError.malformed(
        reason: "member \"\(key.stringValue)\" is no \(Self.name(of: type))")
    }
  }

  /// What people call a type.
  private static func name(of type: Any.Type) -> String {
    switch type {
    case is Int.Type: "whole number from -2^63 to 2^63 - 1"
    case is UInt64.Type: "whole number from 0 to 2^64 - 1"
    case is [Int].Type: "list of whole numbers"
    case is [Float].Type: "list of numbers"
    case is [String].Type: "list of texts"
    default: "text"
    }
  }

  /// A number within bounds, `standard` where it is missing or null.
  ///
  /// - Throws: `RequestError`.
  package func number(
    _ key: Keys, in range: ClosedRange<Int>, otherwise standard: Int
  ) throws -> Int {
    let value = try optional(key, Int.self) ?? standard
    try Self.check(key.stringValue, value, range)
    return value
  }

  /// A number within bounds, or `nil` where it is missing or null.
  ///
  /// - Throws: `RequestError`.
  package func number(_ key: Keys, in range: ClosedRange<Int>) throws -> Int? {
    guard let value = try optional(key, Int.self) else { return nil }
    try Self.check(key.stringValue, value, range)
    return value
  }

  /// - Throws: `RequestError.badValue` of a value out of bounds.
  package static func check(_ what: String, _ value: Int, _ range: ClosedRange<Int>) throws {
    guard range.contains(value) else {
      let most = range.upperBound == .max ? "or more" : "to \(range.upperBound)"
      throw RequestError.badValue(
        name: what, found: "\(value)", expected: "\(range.lowerBound) \(most)")
    }
  }

  /// Checks how many elements a list has.
  ///
  /// - Throws: `RequestError.badValue`.
  package func check(_ key: Keys, elements: Int, in range: ClosedRange<Int>) throws {
    try Self.check("the length of \"\(key.stringValue)\"", elements, range)
  }

  /// A text of at least one byte and at most `limit`.
  ///
  /// - Throws: `RequestError.badValue`.
  package func text(_ key: Keys, _ value: String, bytes limit: Int) throws -> String {
    guard (1...limit).contains(value.utf8.count) else {
      throw RequestError.badValue(
        name: key.stringValue, found: "\(value.utf8.count) bytes", expected: "1 to \(limit)")
    }
    return value
  }
}
