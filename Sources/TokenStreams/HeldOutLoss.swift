/// What a model pays for text that it was not made of.
public struct HeldOutLoss: Sendable, Hashable, Codable {
  /// Tokens that were predicted.
  public var tokens: Int
  /// Bytes of text that they stand for; 0 where nobody counted them.
  public var bytes: Int
  /// Negative logarithms of the probabilities of the tokens, summed, in nats.
  public var nats: Double

  /// A loss of so many nats over these tokens; by default over none yet.
  public init(tokens: Int = 0, bytes: Int = 0, nats: Double = 0) {
    self.tokens = tokens
    self.bytes = bytes
    self.nats = nats
  }

  /// Nats a token: the cross-entropy, whose exponential is the perplexity; 0 for no token.
  public var natsPerToken: Double { tokens == 0 ? 0 : nats / Double(tokens) }
  /// Bits a byte: comparable between tokenizers; 0 for no byte.
  public var bitsPerByte: Double { bytes == 0 ? 0 : nats / 0.693147180559945309 / Double(bytes) }

  /// The loss over both.
  public static func += (total: inout HeldOutLoss, more: HeldOutLoss) {
    total.tokens += more.tokens
    total.bytes += more.bytes
    total.nats += more.nats
  }
}
