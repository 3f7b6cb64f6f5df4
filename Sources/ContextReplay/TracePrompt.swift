/// A prompt of a trace: what was asked of a serving engine, and when.
public struct TracePrompt: Hashable, Sendable {
  /// Seconds since the trace began.
  public var time: Double
  /// Whose prompt it is; prompts of a session grow out of one another.
  public var session: String
  /// Its token ids, from the first on.
  public var tokens: [Int32]

  /// A prompt.
  public init(time: Double, session: String, tokens: [Int32]) {
    self.time = time
    self.session = session
    self.tokens = tokens
  }
}
