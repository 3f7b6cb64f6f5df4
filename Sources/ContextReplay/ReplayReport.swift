/// What a replay of a trace against a context store found.
public struct ReplayReport: Codable, Hashable, Sendable {
  /// The store's cap, bytes.
  public var capacityBytes = 0
  /// Prompts.
  public var prompts = 0
  /// Their tokens.
  public var tokens = 0
  /// Tokens whose state was there, and was read.
  public var hitTokens = 0
  /// Bytes of state that were stored; checksums and heads are not counted.
  public var putBytes = 0
  /// Bytes of state that were read.
  public var getBytes = 0
  /// Blocks that were stored.
  public var storedBlocks = 0
  /// Blocks that the store refused.
  public var refusedBlocks = 0
  /// Blocks that had to go.
  public var evictedBlocks = 0
  /// Segments that had to go.
  public var evictedSegments = 0
  /// Blocks whose bytes were not those that were put: always 0, or the store is broken. `nil` where
  /// nobody looked.
  public var wrongBlocks: Int?
  /// Milliseconds within which half of the prompts had put what was missing; `nil` without puts.
  public var putMedian: Double?
  /// The same of 99 prompts of 100.
  public var putSlowest: Double?
  /// Milliseconds within which half of the prompts had read what was there; `nil` without hits.
  public var getMedian: Double?
  /// The same of 99 prompts of 100.
  public var getSlowest: Double?
  /// The most that the folder took, as `du` counts it.
  public var peakBytes = 0
  /// Seconds that the replay took.
  public var seconds = 0.0
  /// Tokens that a cache would have hit which keeps blocks exactly by recency, with the same cap.
  public var simulatedHitTokens: Int?

  /// Nothing replayed yet.
  public init() {}

  /// The share of tokens that were there.
  public var hitRate: Double { tokens == 0 ? 0 : Double(hitTokens) / Double(tokens) }
  /// The share that the simulated cache would have had.
  public var simulatedHitRate: Double? {
    simulatedHitTokens.map { tokens == 0 ? 0 : Double($0) / Double(tokens) }
  }

  enum CodingKeys: String, CodingKey {
    case prompts, tokens, seconds
    case capacityBytes = "capacity_bytes"
    case hitTokens = "hit_tokens"
    case putBytes = "put_bytes"
    case getBytes = "get_bytes"
    case storedBlocks = "stored_blocks"
    case refusedBlocks = "refused_blocks"
    case evictedBlocks = "evicted_blocks"
    case evictedSegments = "evicted_segments"
    case wrongBlocks = "wrong_blocks"
    case putMedian = "put_p50_ms"
    case putSlowest = "put_p99_ms"
    case getMedian = "get_p50_ms"
    case getSlowest = "get_p99_ms"
    case peakBytes = "peak_bytes"
    case simulatedHitTokens = "simulated_hit_tokens"
  }
}
