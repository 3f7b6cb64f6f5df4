import Files

/// Reads a trace of prompts, JSON lines, one prompt after another:
///
///     {"time": 0.0, "session": "a", "tokens": [1, 2, 3]}
///     {"time": 2.5, "session": "a", "shared": 2, "tokens": [7, 8]}      [1, 2, 7, 8]
///
/// `shared` is a number of tokens, the first of the prompt that the session had before. `time`,
/// `session` and `shared` may be left out; empty lines are passed over. Whoever wrote the trace is not
/// trusted: lines, prompts and what is remembered of sessions are bounded.
public final class TraceReader {
  /// The longest line, bytes.
  public static let lineLimit = 1 << 25
  /// The longest prompt, tokens.
  public static let promptLimit = 1 << 22

  /// Bytes read so far, for a progress bar.
  public var position: Int { file.position }
  /// The number of the line that was read last.
  public var line: Int { file.number }

  private let file: LineFile
  private var sessions = SessionPrompts()
  private var count = 0

  /// Opens a trace.
  ///
  /// - Throws: `FileError`.
  public init(path: String) throws { file = try LineFile(path, limit: Self.lineLimit) }

  /// The next prompt; `nil` at the end.
  ///
  /// - Throws: `TraceError` with file and line number; `FileError`.
  public func next() throws -> TracePrompt? {
    while let bytes = try file.line() {
      guard bytes.contains(where: { $0 != 32 && $0 != 9 && $0 != 13 }) else { continue }
      let line: TraceLine
      do { line = try TraceLine(bytes) } catch { throw bad(error.reason) }
      let tokens = try prompt(line)
      sessions.note(tokens, of: line.session)
      count += 1
      return TracePrompt(time: line.time, session: line.session, tokens: tokens)
    }
    guard count > 0 else { throw TraceError.empty(path: file.path) }
    return nil
  }

  private func prompt(_ line: TraceLine) throws(TraceError) -> [Int32] {
    guard line.shared <= Self.promptLimit, line.tokens.count <= Self.promptLimit - line.shared
    else {
      throw bad("a prompt of more than \(Self.promptLimit) tokens")
    }
    guard line.shared > 0 else { return line.tokens }
    guard let before = sessions[line.session] else {
      throw bad(
        "\"shared\" is \(line.shared), but this session has no prompt before (or was silent too long "
          + "to be remembered); write all tokens")
    }
    guard line.shared <= before.count else {
      throw bad(
        "\"shared\" is \(line.shared), but the session's prompt before has \(before.count) tokens")
    }
    return before[..<line.shared] + line.tokens
  }

  private func bad(_ reason: String) -> TraceError {
    .badLine(path: file.path, line: file.number, reason: reason)
  }
}
