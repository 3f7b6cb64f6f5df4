/// What can go wrong with a passage index. Each prints as one line.
public enum PassageIndexError: Error, Hashable, Sendable, CustomStringConvertible {
  /// A segment's file is not what was published.
  case corrupt(path: String, reason: String)
  /// A segment cannot hold as much.
  case tooLarge(what: String, count: Int, limit: Int)
  /// There is no memory.
  case outOfMemory(bytes: Int)

  /// One line: what is wrong, where, and what to do.
  public var description: String {
    switch self {
    case .corrupt(let path, let reason):
      "\(path) is corrupt: \(reason); run engram index drop and engram index build again"
    case .tooLarge(let what, let count, let limit):
      "a segment of a passage index holds \(limit) \(what), not \(count)"
    case .outOfMemory(let bytes):
      "no \(bytes) bytes of memory for the index; run with a smaller --memory"
    }
  }
}
