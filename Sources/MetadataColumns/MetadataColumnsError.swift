/// What can go wrong with conditions on metadata. Each prints as one line.
public enum MetadataColumnsError: Error, Hashable, Sendable, CustomStringConvertible {
  /// No document has a member of this name.
  case unknownField(name: String, available: [String])

  /// One line: what is wrong, and what to do.
  public var description: String {
    switch self {
    case .unknownField(let name, let available):
      "no document has a field \"\(name)\"; there are \(available.joined(separator: ", "))"
    }
  }
}
