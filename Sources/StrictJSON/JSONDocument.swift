/// A JSON document (RFC 8259) that somebody untrusted may have written, read strictly and whole.
///
///     let document = try JSONDocument(bytes)
///     for (name, value) in document.root.members ?? [] { ... }
///
/// Strict: valid UTF-8, no lone surrogates, no control characters in strings, no leading zeros, at
/// most `depthLimit` arrays and objects inside one another, nothing but white space after the value.
///
/// Values stand one after another in one array, in file order and with the members that an object
/// gives twice; strings are ranges of one arena of bytes. So a vocabulary of 100,000 entries costs
/// two allocations, the values of a hostile document no more than eight times its size, and two
/// strings are equal only where their bytes are (Swift's `String` compares by canonical equivalence).
///
/// A class, so that all values share it with one reference.
package final class JSONDocument: Sendable {
  /// The most arrays and objects inside one another.
  package static let depthLimit = 64

  /// The bytes of the document; where a string begins, they are the string without its escapes.
  let arena: [UInt8]
  /// All values, each followed by what is in it.
  let nodes: [Node]

  /// Reads a document.
  ///
  /// - Complexity: one pass.
  package init(_ bytes: [UInt8]) throws(StrictJSONError) {
    var reader = JSONReader(bytes)
    try reader.readDocument()
    arena = reader.bytes
    nodes = reader.nodes
  }

  /// The value that the document is.
  package var root: JSONValue { JSONValue(document: self, index: 0) }
}

/// One value as a document stores it.
struct Node {
  enum Content {
    case null
    case bool(Bool)
    case integer(Int)
    case number(Double)
    /// Unescaped, from byte `start` of the arena on.
    case string(start: UInt32, count: UInt32)
    /// `count` elements; `end` is the index of the first node after the last of them.
    case array(count: UInt32, end: UInt32)
    /// `count` members, each a string and a value; `end` as in an array.
    case object(count: UInt32, end: UInt32)
  }

  let content: Content
  /// The value's first byte in the document.
  let offset: UInt32
}
