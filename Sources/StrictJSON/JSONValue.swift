/// A value of a document. What it is not is `nil`: `integer` of a string, `members` of an array.
package struct JSONValue: Sendable {
  let document: JSONDocument
  let index: Int

  private var node: Node { document.nodes[index] }

  /// The value's first byte in the document, for messages.
  package var offset: Int { Int(node.offset) }

  package var isNull: Bool {
    if case .null = node.content { true } else { false }
  }

  package var bool: Bool? {
    if case .bool(let value) = node.content { value } else { nil }
  }

  /// A number without fraction and exponent that fits 64 bits with its sign.
  package var integer: Int? {
    if case .integer(let value) = node.content { value } else { nil }
  }

  /// Any number, rounded where it must be.
  package var number: Double? {
    switch node.content {
    case .integer(let value): Double(value)
    case .number(let value): value
    default: nil
    }
  }

  /// A number's bytes, as it was written.
  package var numberText: ArraySlice<UInt8>? {
    switch node.content {
    case .integer, .number:
      document.arena[offset...].prefix { byte in
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "-"),
          UInt8(ascii: "."), UInt8(ascii: "e"), UInt8(ascii: "E"):
          true
        default: false
        }
      }
    default: nil
    }
  }

  /// A string's UTF-8 bytes, unescaped: to be compared as they are.
  package var string: ArraySlice<UInt8>? {
    guard case .string(let start, let count) = node.content else { return nil }
    return document.arena[Int(start)..<Int(start) + Int(count)]
  }

  /// A string as text; comparing it makes canonically equivalent strings equal.
  package var text: String? { string.map { String(decoding: $0, as: UTF8.self) } }

  /// The values in an array, in order.
  package var elements: Elements? {
    guard case .array(let count, _) = node.content else { return nil }
    return Elements(count: Int(count), first: JSONValue(document: document, index: index + 1))
  }

  /// The members of an object in file order; a name given twice is there twice.
  package var members: Members? {
    guard case .object(let count, _) = node.content else { return nil }
    return Members(count: Int(count), first: JSONValue(document: document, index: index + 1))
  }

  /// The value that follows this one and all that is in it; the caller knows that there is one.
  fileprivate var following: JSONValue {
    switch node.content {
    case .array(_, let end), .object(_, let end): JSONValue(document: document, index: Int(end))
    default: JSONValue(document: document, index: index + 1)
    }
  }

  /// The values in an array.
  package struct Elements: Sequence, IteratorProtocol, Sendable {
    /// How many are left.
    package private(set) var count: Int
    private var upcoming: JSONValue

    fileprivate init(count: Int, first: JSONValue) {
      self.count = count
      upcoming = first
    }

    package mutating func next() -> JSONValue? {
      guard count > 0 else { return nil }
      defer {
        count -= 1
        upcoming = upcoming.following
      }
      return upcoming
    }
  }

  /// The members of an object.
  package struct Members: Sequence, IteratorProtocol, Sendable {
    /// How many are left.
    package private(set) var count: Int
    private var upcoming: JSONValue

    fileprivate init(count: Int, first: JSONValue) {
      self.count = count
      upcoming = first
    }

    /// The name's bytes, unescaped, and the value.
    package mutating func next() -> (name: ArraySlice<UInt8>, value: JSONValue)? {
      guard count > 0, let name = upcoming.string else { return nil }
      let value = upcoming.following
      count -= 1
      upcoming = value.following
      return (name, value)
    }
  }
}
