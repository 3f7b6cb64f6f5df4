/// How well a model predicts a held-out part.
public struct HeldOutLoss: Sendable, Hashable, Codable {
  /// Tokens that were predicted.
  public var tokens: Int
  /// Bytes of text that they stand for.
  public var bytes: Int
  /// The sum of the losses, in nats.
  public var nats: Double

  /// A loss of so many nats over these tokens.
  public init(tokens: Int, bytes: Int, nats: Double) {
    self.tokens = tokens
    self.bytes = bytes
    self.nats = nats
  }

  /// Nats a token: the cross-entropy, whose exponential is the perplexity.
  public var natsPerToken: Double { tokens == 0 ? 0 : nats / Double(tokens) }
  /// Bits a byte: comparable between tokenizers.
  public var bitsPerByte: Double { bytes == 0 ? 0 : nats / 0.693147180559945309 / Double(bytes) }

  static func + (a: HeldOutLoss, b: HeldOutLoss) -> HeldOutLoss {
    HeldOutLoss(tokens: a.tokens + b.tokens, bytes: a.bytes + b.bytes, nats: a.nats + b.nats)
  }
}

/// What an evaluation does with the memory.
public enum MemoryMode: String, Sendable, Hashable, Codable, CaseIterable {
  /// Every token reads its rows.
  case on
  /// All gates are zero: the host alone.
  case off
  /// Every token reads other rows: row ids go through a permutation. A memory whose gain survives
  /// this has learned nothing about its N-grams.
  case shuffled
}
