/// What can be wrong with a trace of prompts. Each prints as one line: file, line number, what, what to
/// do.
public enum TraceError: Error, Hashable, Sendable, CustomStringConvertible {
  /// A line that is no prompt.
  case badLine(path: String, line: Int, reason: String)
  /// A line that is longer than any prompt may be.
  case lineTooLong(path: String, line: Int, limit: Int)
  /// There is no prompt in it.
  case empty(path: String)

  /// One line.
  public var description: String {
    switch self {
    case .badLine(let path, let line, let reason): "\(path), line \(line): \(reason)"
    case .lineTooLong(let path, let line, let limit):
      "\(path), line \(line): longer than \(limit) bytes; write what a prompt shares with the one "
        + "before it as \"shared\""
    case .empty(let path):
      "\(path) has no prompts; give JSON lines such as {\"time\":0,\"tokens\":[1,2,3]}"
    }
  }
}
