/// Makes terms of folded words: stems them, where that is asked for, then drops accents.
///
/// A term has at most 64 bytes.
public struct TermNormalizer: Sendable {
  /// The language whose words are stemmed.
  public let stem: String?
  private let algorithm: String?

  /// A normalizer.
  ///
  /// - Parameter stem: one of `languages`, or its English name; none where `nil`.
  /// - Throws: `TermError.noStemmer`.
  public init(stem: String? = nil) throws(TermError) {
    self.stem = stem
    guard let stem else {
      algorithm = nil
      return
    }
    let known = Self.algorithms.first { $0.code == stem || $0.name == stem }
    guard let known, SnowballStemmer(algorithm: known.name) != nil else {
      throw .noStemmer(language: stem, available: Self.languages)
    }
    algorithm = known.name
  }

  /// What one thread makes terms with.
  public func session() -> Session {
    Session(stemmer: algorithm.flatMap { SnowballStemmer(algorithm: $0) })
  }

  /// The languages that can be stemmed: codes of ISO 639-1.
  public static let languages: [String] = algorithms.map(\.code)

  /// Codes, and Snowball's names.
  private static let algorithms: [(code: String, name: String)] = [
    ("ar", "arabic"), ("ca", "catalan"), ("da", "danish"), ("de", "german"), ("el", "greek"),
    ("en", "english"), ("es", "spanish"), ("eu", "basque"), ("fi", "finnish"), ("fr", "french"),
    ("ga", "irish"), ("hi", "hindi"), ("hu", "hungarian"), ("hy", "armenian"),
    ("id", "indonesian"), ("it", "italian"), ("lt", "lithuanian"), ("ne", "nepali"),
    ("nl", "dutch"), ("no", "norwegian"), ("pt", "portuguese"), ("ro", "romanian"),
    ("ru", "russian"), ("sr", "serbian"), ("sv", "swedish"), ("ta", "tamil"), ("tr", "turkish"),
    ("yi", "yiddish"),
  ]
}
