/// The last prompt of each session, as long as there is room: what `shared` refers to.
///
/// A trace may name any number of sessions; those that were silent longest are forgotten where all
/// together hold more tokens than the limit.
struct SessionPrompts {
  /// Tokens that are kept in all; 256 MiB.
  static let limit = 1 << 26

  private var prompts: [String: (tokens: [Int32], turn: Int)] = [:]
  private var total = 0
  private var turn = 0
  private let limit: Int

  init(limit: Int = Self.limit) { self.limit = limit }

  /// The session's last prompt; `nil` where there was none, or it was forgotten.
  subscript(session: String) -> [Int32]? { prompts[session]?.tokens }

  /// Takes note of a session's prompt.
  mutating func note(_ tokens: [Int32], of session: String) {
    turn += 1
    total += tokens.count + Self.overhead - (prompts[session].map(Self.cost) ?? 0)
    prompts[session] = (tokens, turn)
    if total > limit { forget() }
  }

  /// Forgets the sessions that were silent longest, down to half of the limit, so that it is rare.
  private mutating func forget() {
    for (session, prompt) in prompts.sorted(by: { $0.value.turn < $1.value.turn }) {
      guard total > limit / 2, prompt.turn != turn else { break }
      total -= Self.cost(prompt)
      prompts[session] = nil
    }
  }

  /// What a session costs besides its tokens, in tokens of four bytes.
  private static let overhead = 64

  private static func cost(_ prompt: (tokens: [Int32], turn: Int)) -> Int {
    prompt.tokens.count + overhead
  }
}
