import Addressing
import Datasets
import Storage
import TokenStreams
import Tokenization

/// What was counted, and how: runs can be added up where all of it is equal.
public struct CountSubject: Codable, Hashable, Sendable {
  /// The dataset version.
  public var dataset: DatasetStamp
  /// The samples that were left out, if any.
  public var heldOut: HeldOutStamp?
  /// The orders.
  public var orders: Orders
  /// Whose tokens.
  public var tokenizer: TokenizerStamp
  /// What became of token ids.
  public var tokens: TokenRule

  /// A dataset version by name and identity.
  public struct DatasetStamp: Codable, Hashable, Sendable {
    /// Its name.
    public var name: String
    /// Its version.
    public var version: Int
    /// Its manifest's identity.
    public var identity: String
    /// How many samples it has.
    public var samples: Int
    /// `name@version`.
    public var title: String { "\(name)@\(version)" }
  }

  /// A tokenizer by the SHA-256 of its file.
  public struct TokenizerStamp: Codable, Hashable, Sendable {
    /// SHA-256 of `tokenizer.json`.
    public var sha256: String
    /// Token ids are below this.
    public var vocabulary: Int
  }

  /// Which samples were held out; see `HeldOut`.
  public struct HeldOutStamp: Codable, Hashable, Sendable {
    /// The share of all samples.
    public var share: Double
    /// The seed.
    public var seed: UInt64
    /// The rule itself.
    public var rule: HeldOut { HeldOut(share: share, seed: seed) }
  }

  /// N-grams of `lower` to `upper` tokens.
  public struct Orders: Codable, Hashable, Sendable {
    /// The lowest.
    public var lower: Int
    /// The highest.
    public var upper: Int
    /// Both.
    public var range: ClosedRange<Int> { lower...upper }
  }

  /// What became of token ids before they were counted.
  public struct TokenRule: Codable, Hashable, Sendable {
    /// The two rules.
    public enum Kind: String, Codable, Sendable {
      /// Ids as they are.
      case raw
      /// Ids of the tokenizer's `TokenMap`.
      case mapped
    }
    /// The rule.
    public var kind: Kind
    /// Numbers that were counted are below this.
    public var vocabulary: Int
    /// SHA-256 of the map.
    public var map: String?
  }

  /// The longest N-gram.
  public static let orderLimit = 8
  /// Tokens are below this: 24 bits, 8 of them in three words.
  public static let vocabularyLimit = 1 << 24

  /// Bits that a token takes in a key.
  var tokenBits: Int {
    max(1, Int.bitWidth - (tokens.vocabulary - 1).leadingZeroBitCount)
  }

  /// Words that the key of an N-gram takes.
  func keyWords(order: Int) -> Int { (order * tokenBits + 63) / 64 }

  /// What is wrong with the numbers, `nil` where nothing is.
  var contradiction: String? {
    guard orders.lower >= 1, orders.lower <= orders.upper, orders.upper <= Self.orderLimit else {
      return "orders \(orders.lower) to \(orders.upper)"
    }
    guard (1...Self.vocabularyLimit).contains(tokens.vocabulary),
      tokenizer.vocabulary >= tokens.vocabulary, tokenizer.vocabulary <= 1 << 31
    else { return "\(tokens.vocabulary) tokens of \(tokenizer.vocabulary)" }
    guard (tokens.kind == .mapped) == (tokens.map != nil) else { return "map and rule do not fit" }
    guard dataset.samples >= 0, dataset.version > 0, VersionedName.isName(dataset.name) else {
      return "no dataset version"
    }
    let digests = [dataset.identity, tokenizer.sha256] + (tokens.map.map { [$0] } ?? [])
    guard digests.allSatisfy({ $0.utf8.count == 64 }) else { return "an identity is no SHA-256" }
    if let heldOut, !(heldOut.share > 0 && heldOut.share < 1) { return "share of samples held out" }
    return nil
  }

  /// The first difference between two subjects: what, here, there.
  func difference(from other: Self) -> (what: String, here: String, there: String)? {
    func short(_ digest: String) -> String { digest.prefix(12) + "..." }
    if tokenizer != other.tokenizer {
      return ("tokenizer", short(tokenizer.sha256), short(other.tokenizer.sha256))
    }
    if orders != other.orders {
      return (
        "orders", "\(orders.lower)-\(orders.upper)", "\(other.orders.lower)-\(other.orders.upper)"
      )
    }
    if tokens != other.tokens {
      func text(_ rule: TokenRule) -> String { rule.map.map { "map \(short($0))" } ?? "raw ids" }
      return ("token rule", text(tokens), text(other.tokens))
    }
    if dataset != other.dataset {
      return (
        "dataset", "\(dataset.title) \(short(dataset.identity))",
        "\(other.dataset.title) \(short(other.dataset.identity))"
      )
    }
    if heldOut != other.heldOut {
      func text(_ stamp: HeldOutStamp?) -> String {
        stamp.map { "\($0.share) (seed \($0.seed))" } ?? "none"
      }
      return ("held-out share", text(heldOut), text(other.heldOut))
    }
    return nil
  }
}

/// Some samples of a dataset, one after another: those from `from` on, before `to`.
public struct SampleSpan: Codable, Hashable, Sendable {
  /// The first.
  public var from: Int
  /// The first that does not belong to it.
  public var to: Int

  /// Spans in order, neighbours joined, where no sample is in two of them.
  ///
  /// - Returns: or a span that begins in another one.
  static func union(_ spans: [SampleSpan]) -> Result<[SampleSpan], Overlap> {
    var result: [SampleSpan] = []
    for span in spans.sorted(by: { ($0.from, $0.to) < ($1.from, $1.to) }) where span.from < span.to
    {
      if let last = result.last, span.from < last.to {
        return .failure(Overlap(span: SampleSpan(from: span.from, to: min(span.to, last.to))))
      }
      if result.last?.to == span.from {
        result[result.count - 1].to = span.to
      } else {
        result.append(span)
      }
    }
    return .success(result)
  }

  /// Samples that are in two spans.
  struct Overlap: Error { var span: SampleSpan }
}
