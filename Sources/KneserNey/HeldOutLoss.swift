/// What a model pays for text that it was not made of.
public struct HeldOutLoss: Hashable, Sendable {
  /// Negative logarithms of the probabilities of the tokens, summed, in nats.
  public var nats = 0.0
  /// Tokens that were predicted.
  public var tokens = 0

  /// No token yet.
  public init() {}

  /// Nats a token: lower is better; not a number where no token was predicted.
  public var natsPerToken: Double { nats / Double(tokens) }

  /// The loss over both.
  public static func += (total: inout HeldOutLoss, more: HeldOutLoss) {
    total.nats += more.nats
    total.tokens += more.tokens
  }
}
