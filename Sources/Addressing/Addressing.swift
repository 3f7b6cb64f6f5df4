import Digests

/// The rule from token ids to row ids of one memory table: all of it.
///
/// With `v[k]` the (compressed) token `k` positions back, the column of order `n` and head `h` is
///
///     row = ((v[0]*m[0]) xor ... xor (v[n-1]*m[n-1])) mod bucketSizes[n-2][h] + offset
///
/// where `offset` is the sum of the bucket sizes before it. A value of this type was validated:
/// its products fit in 63 bits and its rows in an `Int64`. Source: Engram (DeepSeek, 2026),
/// section on multi-head hashing.
public struct Addressing: Hashable, Sendable {
  /// Which numbers stand for tokens in the rule.
  public enum TokenRule: Hashable, Sendable {
    /// Ids go through a token map first.
    ///
    /// `vocabularySize` and `tokenMap` (the map's SHA-256) are nil where the source does not tell
    /// them; `Addressing.bound(to:)` fills them in.
    case mapped(
      vocabularySize: Int?, compressedVocabularySize: Int, tokenMap: SHA256Digest?)
    /// Ids are used as they are.
    case raw(vocabularySize: Int?)
  }

  /// What stands where an N-gram would reach over a boundary. Ids are token ids as the tokenizer
  /// gives them: a mapped rule maps them.
  public enum BoundaryRule: Hashable, Sendable {
    /// Looking back stops at the start of the token's segment and at masked tokens: from there
    /// on every position, the masked token's own too, is the pad token.
    case segmentStart(padTokenID: Int32)
    /// Positions before the sequence are the pad token.
    case sequenceStart(padTokenID: Int32)
    /// Positions before the last end-of-sequence token that precedes the current token, or before
    /// the sequence, are that token.
    case endOfSequence(tokenID: Int32)

    /// The token that stands for what is not there.
    public var tokenID: Int32 {
      switch self {
      case .segmentStart(let id), .sequenceStart(let id), .endOfSequence(let id): id
      }
    }
  }

  /// The longest N-grams that are addressed.
  public static let maxOrderLimit = 8
  /// The most heads an order has.
  public static let headLimit = 64

  /// The preset that the parameters started from, or a name of the user's own.
  public let preset: String
  /// The model's layer that the table belongs to, from 0.
  public let layer: Int
  /// The modulus of each column, shape [orders][heads], orders 2, 3, ...
  public let bucketSizes: [[UInt64]]
  /// `m[k]` multiplies the token `k` positions back; one a position.
  public let multipliers: [UInt64]
  /// Which numbers stand for tokens.
  public let tokens: TokenRule
  /// What stands beyond a boundary.
  public let boundary: BoundaryRule
  /// The table's row count is a multiple of this; rows beyond the last bucket are never read.
  public let rowAlignment: Int

  /// Checks every parameter against the others.
  ///
  /// - Throws: `AddressingError.invalidParameter`, which names the parameter.
  public init(
    preset: String, layer: Int, bucketSizes: [[UInt64]], multipliers: [UInt64],
    tokens: TokenRule, boundary: BoundaryRule, rowAlignment: Int = 1
  ) throws(AddressingError) {
    self.preset = preset
    self.layer = layer
    self.bucketSizes = bucketSizes
    self.multipliers = multipliers
    self.tokens = tokens
    self.boundary = boundary
    self.rowAlignment = rowAlignment
    try validate()
  }

  /// N: the length of the longest N-grams.
  public var maxOrder: Int { bucketSizes.count + 1 }
  /// The number of columns an order has.
  public var heads: Int { bucketSizes[0].count }
  /// The number of rows that a token reads.
  public var columns: Int { bucketSizes.count * heads }

  /// The first row of each column's bucket, in (order, head) order.
  public var offsets: [Int64] {
    var next: Int64 = 0
    return bucketSizes.joined().map { size in
      defer { next += Int64(size) }
      return next
    }
  }

  /// The number of rows that columns address: the sum of the bucket sizes.
  public var rows: Int64 { Int64(bucketSizes.joined().reduce(0, +)) }

  /// The number of rows of the table: `rows`, rounded up to `rowAlignment`.
  public var rowCount: Int64 {
    let alignment = Int64(rowAlignment)
    return (rows + alignment - 1) / alignment * alignment
  }

  /// The same rule with other multipliers, as a checkpoint that stores its own may have.
  public func withMultipliers(_ multipliers: [UInt64]) throws(AddressingError) -> Addressing {
    try Addressing(
      preset: preset, layer: layer, bucketSizes: bucketSizes, multipliers: multipliers,
      tokens: tokens, boundary: boundary, rowAlignment: rowAlignment)
  }

  /// The same rule with the identity of `map` written into it; a raw rule is returned as it is.
  ///
  /// - Throws: `AddressingError.tokenMapMismatch` where a size or the identity differs.
  public func bound(to map: TokenMap) throws(AddressingError) -> Addressing {
    guard case .mapped = tokens else { return self }
    try check(map)
    return try Addressing(
      preset: preset, layer: layer, bucketSizes: bucketSizes, multipliers: multipliers,
      tokens: .mapped(
        vocabularySize: map.vocabularySize, compressedVocabularySize: map.compressedSize,
        tokenMap: map.identity),
      boundary: boundary, rowAlignment: rowAlignment)
  }

  /// Throws unless `map` is the one that this rule was made with.
  func check(_ map: TokenMap) throws(AddressingError) {
    guard case .mapped(let vocabulary, let compressed, let identity) = tokens else { return }
    func match<T: Equatable>(
      _ property: String, _ expected: T?, _ found: T
    )
      throws(AddressingError)
    {
      guard let expected, expected != found else { return }
      throw .tokenMapMismatch(
        property: property, expected: "\(expected)", found: "\(found)")
    }
    try match("compressed size", compressed, map.compressedSize)
    try match("vocabulary size", vocabulary, map.vocabularySize)
    try match("SHA-256", identity, map.identity)
    guard Int(boundary.tokenID) < map.vocabularySize else {
      throw .invalidParameter(
        name: "boundary token",
        problem: "\(boundary.tokenID) is outside the token map's \(map.vocabularySize) ids")
    }
  }
}
