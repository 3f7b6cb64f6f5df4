import Digests

extension Addressing {
  /// A published addressing scheme.
  public enum Preset: String, CaseIterable, Sendable {
    /// DeepSeek-V4.1-Flash: orders 2 to 4, mapped tokens, segments and masks.
    case deepseekV41 = "deepseek-v4.1"
    /// The public demo of the Engram paper: orders 2 and 3, mapped tokens.
    case engramPaper = "engram-paper"
    /// Qwen3.8-Flash-Next: orders 2 and 3, raw tokens, one padded table.
    case qwenPLE = "qwen-ple"

    /// The preset with this name.
    ///
    /// - Throws: `AddressingError.unknownPreset`, which lists the names.
    public init(named name: String) throws(AddressingError) {
      guard let preset = Preset(rawValue: name) else { throw .unknownPreset(name) }
      self = preset
    }
  }

  /// What to use in place of a preset's own parameters; nil leaves one as it is.
  public struct Overrides: Hashable, Sendable {
    /// All layers of the model that have a table, in the order in which bucket sizes were dealt.
    public var layers: [Int]?
    /// The smallest bucket size: one for all orders, or one an order.
    public var base: [UInt64]?
    /// N, 2 to 8.
    public var maxOrder: Int?
    /// Columns an order, 1 to 64.
    public var heads: Int?
    /// The seed of the multipliers, where the preset draws them.
    public var seed: UInt64?
    /// The multipliers themselves, at least N of them, the same in every layer.
    public var multipliers: [UInt64]?
    /// The pad token, or for `qwen-ple` the end-of-sequence token.
    public var padTokenID: Int32?
    /// The number of token ids.
    public var vocabularySize: Int?
    /// The number of compressed ids, for presets that map tokens.
    public var compressedVocabularySize: Int?

    /// Every parameter as the preset has it.
    public init() {}

    /// These overrides, and where one is nil that of `other`.
    func completed(with other: Overrides) -> Overrides {
      var result = self
      result.layers = layers ?? other.layers
      result.base = base ?? other.base
      result.maxOrder = maxOrder ?? other.maxOrder
      result.heads = heads ?? other.heads
      result.seed = seed ?? other.seed
      result.multipliers = multipliers ?? other.multipliers
      result.padTokenID = padTokenID ?? other.padTokenID
      result.vocabularySize = vocabularySize ?? other.vocabularySize
      result.compressedVocabularySize =
        compressedVocabularySize ?? other.compressedVocabularySize
      return result
    }
  }

  /// The tables of a model that follows `preset`, one a layer, in order.
  ///
  /// - Throws: `AddressingError.invalidParameter` where an override is out of bounds.
  /// - Complexity: a few milliseconds.
  public static func layers(
    of preset: Preset, overrides: Overrides = Overrides()
  ) throws(AddressingError) -> [Addressing] {
    let defaults = Defaults(of: preset)
    let layers = overrides.layers ?? defaults.layers
    try require(
      (1...256).contains(layers.count), "layers", "has \(layers.count) elements, expected 1 to 256")
    try require(Set(layers).count == layers.count, "layers", "names a layer twice")
    for layer in layers {
      try require(
        (0...Int(Int32.max)).contains(layer), "layers", "contains \(layer), not in 0...2^31-1")
    }
    let maxOrder = overrides.maxOrder ?? defaults.maxOrder
    try require(
      (2...maxOrderLimit).contains(maxOrder), "max order",
      "\(maxOrder) is not in 2...\(maxOrderLimit)")
    let heads = overrides.heads ?? defaults.heads
    try require((1...headLimit).contains(heads), "heads", "\(heads) is not in 1...\(headLimit)")
    let bases = try bases(overrides.base ?? [defaults.base], orders: maxOrder - 1)
    let tokens = try tokenRule(defaults, overrides)

    var primes = BucketSizes()
    var result: [Addressing] = []
    for layer in layers {
      result.append(
        try Addressing(
          preset: preset.rawValue, layer: layer,
          bucketSizes: bases.map { primes.take(heads, from: $0) },
          multipliers: multipliers(
            defaults, overrides, layer: layer, count: maxOrder, tokens: tokens),
          tokens: tokens, boundary: defaults.boundary(overrides.padTokenID),
          rowAlignment: defaults.rowAlignment))
    }
    return result
  }

  private static func bases(
    _ bases: [UInt64], orders: Int
  ) throws(AddressingError) -> [UInt64] {
    try require(
      bases.count == 1 || bases.count == orders, "base",
      "has \(bases.count) elements, expected 1 or one an order, \(orders)")
    for base in bases {
      try require(base >= 1 && base <= 1 << 40, "base", "\(base) is not in 1...2^40")
    }
    return bases.count == orders ? bases : Array(repeating: bases[0], count: orders)
  }

  private static func tokenRule(
    _ defaults: Defaults, _ overrides: Overrides
  ) throws(AddressingError) -> TokenRule {
    guard let compressed = defaults.compressedVocabularySize else {
      try require(
        overrides.compressedVocabularySize == nil, "compressed vocabulary",
        "was given for a preset that maps no tokens")
      return .raw(vocabularySize: overrides.vocabularySize)
    }
    let size = overrides.compressedVocabularySize ?? compressed
    // Another vocabulary has another map, whose identity only its tokenizer can tell.
    let isPublished =
      size == compressed
      && (overrides.vocabularySize ?? defaults.vocabularySize) == defaults.vocabularySize
    return .mapped(
      vocabularySize: overrides.vocabularySize ?? (isPublished ? defaults.vocabularySize : nil),
      compressedVocabularySize: size, tokenMap: isPublished ? defaults.tokenMap : nil)
  }

  private static func multipliers(
    _ defaults: Defaults, _ overrides: Overrides, layer: Int, count: Int, tokens: TokenRule
  ) throws(AddressingError) -> [UInt64] {
    if let given = overrides.multipliers ?? defaults.multipliers {
      try require(
        overrides.seed == nil, "seed", "was given, but the multipliers are fixed: leave it out")
      try require(
        given.count >= count, "multipliers",
        "has \(given.count) elements for N-grams of up to \(count) tokens; give \(count)")
      return Array(given.prefix(count))
    }
    guard case .mapped(_, let compressed, _) = tokens else { return [] }
    try require(
      compressed >= 1, "compressed vocabulary", "\(compressed) is not a positive number")
    return try drawnMultipliers(
      seed: overrides.seed ?? 0, layer: layer, count: count, compressedVocabularySize: compressed)
  }

  /// The multipliers of the DeepSeek schemes: odd, and small enough that no product with a
  /// compressed id exceeds 2^63-1.
  private static func drawnMultipliers(
    seed: UInt64, layer: Int, count: Int, compressedVocabularySize: Int
  ) throws(AddressingError) -> [UInt64] {
    let (mixed, overflow) = seed.addingReportingOverflow(10007 * UInt64(layer))
    try require(!overflow, "seed", "\(seed) is too large for layer \(layer)")
    var random = NumPyRandom(seed: mixed)
    let limit = max(1, UInt64(Int64.max) / UInt64(compressedVocabularySize) / 2)
    return (0..<count).map { _ in random.integer(below: limit) * 2 + 1 }
  }
}

/// What a preset says where the user says nothing.
private struct Defaults {
  let layers: [Int]
  let base: UInt64
  let maxOrder: Int
  let heads = 8
  /// nil: drawn from the seed.
  let multipliers: [UInt64]?
  /// nil: tokens are raw.
  let compressedVocabularySize: Int?
  let vocabularySize: Int?
  let tokenMap: SHA256Digest?
  let boundary: @Sendable (Int32?) -> Addressing.BoundaryRule
  let rowAlignment: Int

  /// The token map of DeepSeek's tokenizer.
  private static let deepseekMap = SHA256Digest(
    hexadecimal: "c60a86322ec17b4142bfef3c57a8d81fb428550cdf487f88a4320cb59fe46481")

  init(of preset: Addressing.Preset) {
    switch preset {
    case .deepseekV41, .engramPaper:
      let isPaper = preset == .engramPaper
      layers = isPaper ? [1, 15] : [1, 14]
      base = isPaper ? 646_400 : 16_000_000
      maxOrder = isPaper ? 3 : 4
      multipliers = nil
      compressedVocabularySize = 99_092
      vocabularySize = 129_280
      tokenMap = Self.deepseekMap
      boundary = {
        isPaper ? .sequenceStart(padTokenID: $0 ?? 2) : .segmentStart(padTokenID: $0 ?? 2)
      }
      rowAlignment = 1
    case .qwenPLE:
      layers = [0]
      base = 20_000_000
      maxOrder = 3
      multipliers = [23_703_573_157_769, 20_109_073_645_365, 8_052_911_324_071]
      compressedVocabularySize = nil
      vocabularySize = nil
      tokenMap = nil
      boundary = { .endOfSequence(tokenID: $0 ?? 248_044) }
      // The checkpoint cuts the table into 128 equal shards.
      rowAlignment = 128
    }
  }
}
