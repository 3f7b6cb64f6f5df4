/// What can go wrong with a passage index. Each prints as one line.
public enum PassageIndexError: Error, Hashable, Sendable, CustomStringConvertible {
  /// A segment's file is not what was published.
  case corrupt(path: String, reason: String)

  /// One line: what is wrong, where, and what to do.
  public var description: String {
    switch self {
    case .corrupt(let path, let reason):
      "\(path) is corrupt: \(reason); run engram index drop and engram index build again"
    }
  }
}
