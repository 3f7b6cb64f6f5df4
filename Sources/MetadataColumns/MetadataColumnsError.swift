/// What can go wrong with conditions on metadata. Each prints as one line.
public enum MetadataColumnsError: Error, Hashable, Sendable, CustomStringConvertible {
  /// No document has a member of this name.
  case unknownField(name: String, available: [String])
  /// More of something than one file can hold.
  case tooMany(what: String, limit: Int)

  /// One line: what is wrong, and what to do.
  public var description: String {
    switch self {
    case .unknownField(let name, let available):
      "no document has a field \"\(name)\"; there are \(available.joined(separator: ", "))"
    case .tooMany(let what, let limit):
      "there are more than \(limit) \(what) for one segment; make smaller segments"
    }
  }
}
