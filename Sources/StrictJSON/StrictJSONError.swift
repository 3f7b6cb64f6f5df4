/// Why bytes are not a JSON document. Callers add the file and what to do.
package enum StrictJSONError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The bytes from `offset` on are not UTF-8.
  case notUTF8(offset: Int)
  /// At byte `offset` there is something else than what was `expected`.
  case malformed(offset: Int, expected: String)

  /// Where the document is wrong, in bytes from its start.
  package var offset: Int {
    switch self {
    case .notUTF8(let offset), .malformed(let offset, _): offset
    }
  }

  /// What is wrong, without the place; one line, with nothing of the document in it.
  package var reason: String {
    switch self {
    case .notUTF8: "this is not UTF-8"
    case .malformed(_, let expected): "expected \(expected)"
    }
  }

  package var description: String { "\(reason) at byte \(offset)" }
}
