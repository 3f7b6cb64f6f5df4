/// How a dataset is indexed: two indexes of one dataset with the same options can share segments.
public struct IndexOptions: Codable, Hashable, Sendable {
  /// The language whose Snowball stemmer is used; none where `nil`.
  public var stem: String?
  /// The most words of a passage, or tokens where there is a tokenizer.
  public var passageTokens: Int
  /// SHA-256 of the tokenizer whose tokens are counted; words where `nil`.
  public var tokenizer: String?

  /// What passages are cut to by default.
  public static let defaultPassageTokens = 200
  /// What they may be cut to.
  public static let passageTokensRange = 8...10_000

  /// Options.
  public init(
    stem: String? = nil, passageTokens: Int = Self.defaultPassageTokens, tokenizer: String? = nil
  ) {
    self.stem = stem
    self.passageTokens = passageTokens
    self.tokenizer = tokenizer
  }
}
