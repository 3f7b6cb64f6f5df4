import Digests

/// The form that table manifests hold, described by `Schemas/addressing.schema.json`.
///
/// Multipliers are decimal strings, so that a reader whose numbers are doubles loses no digit.
/// Decoding validates: a manifest is untrusted.
extension Addressing: Codable {
  private enum Key: String, CodingKey {
    case preset, layer, bucketSizes, multipliers, tokens, boundary, rowAlignment
  }

  private enum TokenKey: String, CodingKey {
    case rule, vocabularySize, compressedVocabularySize, tokenMap
  }

  private enum BoundaryKey: String, CodingKey {
    case rule, token
  }

  /// Reads and validates one.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: Key.self)
    let multipliers = try values.decode([String].self, forKey: .multipliers)
    try self.init(
      preset: values.decode(String.self, forKey: .preset),
      layer: values.decode(Int.self, forKey: .layer),
      bucketSizes: values.decode([[UInt64]].self, forKey: .bucketSizes),
      multipliers: multipliers.map(Self.multiplier),
      tokens: Self.tokenRule(
        from: values.nestedContainer(keyedBy: TokenKey.self, forKey: .tokens)),
      boundary: Self.boundaryRule(
        from: values.nestedContainer(keyedBy: BoundaryKey.self, forKey: .boundary)),
      rowAlignment: values.decode(Int.self, forKey: .rowAlignment))
  }

  /// Writes it; optional values that are not known are left out.
  public func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: Key.self)
    try values.encode(preset, forKey: .preset)
    try values.encode(layer, forKey: .layer)
    try values.encode(bucketSizes, forKey: .bucketSizes)
    try values.encode(multipliers.map(\.description), forKey: .multipliers)
    try values.encode(rowAlignment, forKey: .rowAlignment)
    var rule = values.nestedContainer(keyedBy: TokenKey.self, forKey: .tokens)
    switch tokens {
    case .mapped(let size, let compressed, let map):
      try rule.encode("mapped", forKey: .rule)
      try rule.encodeIfPresent(size, forKey: .vocabularySize)
      try rule.encode(compressed, forKey: .compressedVocabularySize)
      try rule.encodeIfPresent(map?.description, forKey: .tokenMap)
    case .raw(let size):
      try rule.encode("raw", forKey: .rule)
      try rule.encodeIfPresent(size, forKey: .vocabularySize)
    }
    var edge = values.nestedContainer(keyedBy: BoundaryKey.self, forKey: .boundary)
    try edge.encode(boundary.name, forKey: .rule)
    try edge.encode(boundary.tokenID, forKey: .token)
  }

  private static func multiplier(_ text: String) throws -> UInt64 {
    guard let value = UInt64(text), value.description == text else {
      throw AddressingError.invalidParameter(
        name: "multipliers", problem: "contains \"\(text.prefix(32))\", not a decimal number")
    }
    return value
  }

  private static func tokenRule(
    from values: KeyedDecodingContainer<TokenKey>
  ) throws -> TokenRule {
    let size = try values.decodeIfPresent(Int.self, forKey: .vocabularySize)
    switch try values.decode(String.self, forKey: .rule) {
    case "mapped":
      let map = try values.decodeIfPresent(String.self, forKey: .tokenMap).map { text in
        guard let digest = SHA256Digest(hexadecimal: text) else {
          throw AddressingError.invalidParameter(
            name: "tokenMap", problem: "is not a SHA-256 of 64 hexadecimal digits")
        }
        return digest
      }
      return .mapped(
        vocabularySize: size,
        compressedVocabularySize: try values.decode(Int.self, forKey: .compressedVocabularySize),
        tokenMap: map)
    case "raw":
      return .raw(vocabularySize: size)
    case let other:
      throw AddressingError.invalidParameter(
        name: "token rule", problem: "\"\(other.prefix(32))\" is not known; use mapped or raw")
    }
  }

  private static func boundaryRule(
    from values: KeyedDecodingContainer<BoundaryKey>
  ) throws -> BoundaryRule {
    let token = try values.decode(Int32.self, forKey: .token)
    switch try values.decode(String.self, forKey: .rule) {
    case "segmentStart": return .segmentStart(padTokenID: token)
    case "sequenceStart": return .sequenceStart(padTokenID: token)
    case "endOfSequence": return .endOfSequence(tokenID: token)
    case let other:
      throw AddressingError.invalidParameter(
        name: "boundary rule",
        problem: "\"\(other.prefix(32))\" is not known; "
          + "use segmentStart, sequenceStart or endOfSequence")
    }
  }
}

extension Addressing.BoundaryRule {
  /// The rule's name in a manifest.
  var name: String {
    switch self {
    case .segmentStart: "segmentStart"
    case .sequenceStart: "sequenceStart"
    case .endOfSequence: "endOfSequence"
    }
  }
}
