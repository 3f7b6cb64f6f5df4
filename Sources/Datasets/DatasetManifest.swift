import Digests
import Foundation
import Samples
import Storage

/// Everything that says what a dataset version is, as canonical JSON (sorted keys, no spaces) in
/// the catalog. JSON Schema: `Schemas/dataset-manifest.schema.json`.
public struct DatasetManifest: Codable, Hashable, Sendable {
  /// The format that this program writes, and the newest it reads.
  public static let formatVersion = 1

  /// The manifest's format.
  public var format = Self.formatVersion
  /// The dataset's name.
  public var name: String
  /// 1, 2, 3...; a number is never used twice for one name.
  public var version: Int
  /// The version that it was made from, with the identity that this had.
  public var parent: Parent?
  /// What its maker says about it.
  public var message: String
  /// What samples are.
  public var kind: SampleKind
  /// How token ids lie; for kind `tokens`.
  public var tokens: TokenLayout?
  /// Whose ids they are, where that is known.
  public var tokenizer: Tokenizer?
  /// How many samples.
  public var samples: Int
  /// Their bytes.
  public var bytes: Int
  /// The list of extents, in pages.
  public var pages: [PageReference]
  /// Where the samples came from.
  public var source: Source
  /// SHA-256 over this manifest's other fields: the name of exactly this content and history.
  public var identity: String

  /// A version that another one was made from.
  public struct Parent: Codable, Hashable, Sendable {
    /// Its number.
    public var version: Int
    /// Its identity.
    public var identity: String
  }

  /// A tokenizer, by the file that it was read from.
  public struct Tokenizer: Codable, Hashable, Sendable {
    /// SHA-256 of `tokenizer.json`.
    public var sha256: String
    /// Token ids that it gives are below this.
    public var vocabulary: Int

    /// A tokenizer.
    public init(sha256: String, vocabulary: Int) {
      self.sha256 = sha256
      self.vocabulary = vocabulary
    }
  }

  /// Where a version's samples came from.
  public struct Source: Codable, Hashable, Sendable {
    /// What made it: `ingest`, `tokenize`.
    public var kind: String
    /// What was read: paths, or a dataset's identity.
    public var inputs: [String]
    /// Choices that changed what came out, by name.
    public var options: [String: String]

    /// A source.
    public init(kind: String, inputs: [String], options: [String: String] = [:]) {
      self.kind = kind
      self.inputs = inputs
      self.options = options
    }
  }

  /// The canonical JSON of this value.
  public func canonicalJSON() throws -> [UInt8] {
    try CanonicalJSON.encode(self)
  }

  /// What `identity` must be.
  func computedIdentity() throws -> String {
    var nameless = self
    nameless.identity = ""
    let json = try nameless.canonicalJSON()
    return json.withUnsafeBytes { SHA256Digest(of: $0) }.description
  }

  /// What is wrong with the numbers, `nil` where nothing is.
  var contradiction: String? {
    guard version > 0, version < UInt32.max, samples >= 0, bytes >= 0 else {
      return "numbers out of range"
    }
    guard (kind == .tokens) == (tokens != nil) else { return "token layout and kind do not fit" }
    if let tokens {
      guard [2, 4].contains(tokens.width) else { return "token ids of \(tokens.width) bytes" }
      if let length = tokens.length, length <= 0 { return "samples of \(length) tokens" }
    }
    guard let (samples, bytes) = pages.total else { return "a page out of range" }
    guard samples == self.samples, bytes == self.bytes else {
      return "its pages hold \(samples) samples of \(bytes) bytes, it says \(self.samples) of "
        + "\(self.bytes)"
    }
    return nil
  }
}
