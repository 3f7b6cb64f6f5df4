import Addressing
import Digests

/// The part of a manifest that makes a table exact: its rows are found by an N-gram's tokens and
/// not by a hash of them. Row r is that of the r-th N-gram in key order.
///
/// Layout of the keys: `Schemas/exact-table.md`.
public struct ExactTable: Codable, Hashable, Sendable {
  /// Which numbers stand for tokens in the keys.
  public enum Rule: String, Codable, Hashable, Sendable {
    /// Token ids as the tokenizer gives them.
    case raw
    /// Ids that went through a token map.
    case mapped
  }

  /// Which numbers stand for tokens in the keys.
  public var tokens: Rule
  /// Token ids are 0..<vocabulary.
  public var vocabulary: Int
  /// With `mapped`: ids in keys are 0..<compressedVocabulary.
  public var compressedVocabulary: Int?
  /// With `mapped`: the token map's SHA-256.
  public var tokenMap: String?
  /// SHA-256 of the tokenizer whose ids these are, where it is known.
  public var tokenizer: String?
  /// Tokens of the shortest N-gram.
  public var shortest: Int
  /// Tokens of the longest N-gram.
  public var longest: Int
  /// N-grams: one a row.
  public var ngrams: Int
  /// SHA-256 of the N-grams in key order; see `KeyDigest`.
  public var keys: String

  /// The most tokens that an N-gram of an exact table has.
  public static let longestOrder = 64

  /// Ids in keys are 0..<this.
  public var keyVocabulary: Int {
    switch tokens {
    case .raw: vocabulary
    case .mapped: compressedVocabulary ?? 0
    }
  }

  /// What makes this nonsense, `nil` where nothing does.
  func contradiction(rows: Int) -> String? {
    guard (1...Int(Int32.max)).contains(vocabulary) else { return "bad vocabulary" }
    switch tokens {
    case .raw:
      guard compressedVocabulary == nil, tokenMap == nil else { return "raw tokens have no map" }
    case .mapped:
      guard let compressedVocabulary, (1...vocabulary).contains(compressedVocabulary),
        let tokenMap, SHA256Digest(hexadecimal: tokenMap) != nil
      else { return "mapped tokens need a map" }
    }
    guard shortest >= 1, shortest <= longest, longest <= Self.longestOrder else {
      return "bad N-gram orders"
    }
    guard ngrams == rows else { return "\(ngrams) N-grams and \(rows) rows" }
    return nil
  }
}

/// What a draft says of the N-grams of an exact table; the writer makes the keys of them.
public struct ExactIndex: Sendable {
  /// Which numbers stand for tokens.
  public enum Tokens: Hashable, Sendable {
    /// Token ids below `vocabulary`.
    case raw(vocabulary: Int)
    /// Ids of a token map: how many raw ones, how many compressed ones, the map's SHA-256.
    case mapped(vocabulary: Int, compressed: Int, tokenMap: SHA256Digest)

    /// Those of this map.
    public static func mapped(by map: TokenMap) -> Tokens {
      .mapped(
        vocabulary: map.vocabularySize, compressed: map.compressedSize, tokenMap: map.identity)
    }
  }

  /// The N-grams in key order (`NgramList.keyOrder()`), none twice: row r is that of number r.
  public var ngrams: NgramList
  /// Which numbers stand for tokens in them.
  public var tokens: Tokens
  /// SHA-256 of the tokenizer whose ids these are.
  public var tokenizer: SHA256Digest?

  /// An index of these N-grams.
  public init(ngrams: NgramList, tokens: Tokens, tokenizer: SHA256Digest? = nil) {
    self.ngrams = ngrams
    self.tokens = tokens
    self.tokenizer = tokenizer
  }

  /// The manifest's part, all but the digest of the keys.
  ///
  /// - Returns: `nil` and the reason where the N-grams cannot be keys.
  func described() -> (exact: ExactTable?, reason: String) {
    var exact = ExactTable(
      tokens: .raw, vocabulary: 0, tokenizer: tokenizer?.description, shortest: .max, longest: 0,
      ngrams: ngrams.count, keys: "")
    switch tokens {
    case .raw(let vocabulary): exact.vocabulary = vocabulary
    case .mapped(let vocabulary, let compressed, let map):
      exact.tokens = .mapped
      exact.vocabulary = vocabulary
      exact.compressedVocabulary = compressed
      exact.tokenMap = map.description
    }
    let limit = Int32(clamping: exact.keyVocabulary)
    for index in 0..<ngrams.count {
      let ngram = ngrams[index]
      exact.shortest = min(exact.shortest, ngram.count)
      exact.longest = max(exact.longest, ngram.count)
      if let token = ngram.first(where: { $0 < 0 || $0 >= limit }) {
        return (nil, "N-gram \(index) has token \(token), the vocabulary is 0 to \(limit - 1)")
      }
      if index > 0, !ngrams[index - 1].lexicographicallyPrecedes(ngram) {
        let same = ngrams[index - 1] == ngram
        return (nil, "N-gram \(index) is \(same ? "there twice" : "not in key order")")
      }
    }
    return exact.contradiction(rows: ngrams.count).map { (nil, $0) } ?? (exact, "")
  }
}
