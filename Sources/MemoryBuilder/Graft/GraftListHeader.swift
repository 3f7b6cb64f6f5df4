import Digests
import MemoryTables
import StrictJSON

/// The first line of a list of N-grams: what its ids mean. Format: `Schemas/exact-table.md`.
public struct GraftListHeader: Hashable, Sendable {
  /// The format that is written, and the newest that is read.
  public static let formatVersion = 1

  /// Which numbers stand for tokens.
  public var tokens: ExactIndex.Tokens
  /// SHA-256 of the tokenizer whose ids these are.
  public var tokenizer: SHA256Digest?
  /// N-grams that follow.
  public var ngrams: Int

  /// A header with these values.
  public init(tokens: ExactIndex.Tokens, tokenizer: SHA256Digest?, ngrams: Int) {
    self.tokens = tokens
    self.tokenizer = tokenizer
    self.ngrams = ngrams
  }

  /// Raw token ids are below this.
  public var vocabulary: Int {
    switch tokens {
    case .raw(let vocabulary), .mapped(let vocabulary, _, _): vocabulary
    }
  }

  /// Ids of keys are below this.
  var keyVocabulary: Int {
    switch tokens {
    case .raw(let vocabulary): vocabulary
    case .mapped(_, let compressed, _): compressed
    }
  }

  /// Reads the first line.
  init(_ line: UnsafeRawBufferPointer, path: String) throws(GraftError) {
    func wrong(_ reason: String) -> GraftError { .noList(path: path, reason: reason) }
    let object: JSONObject
    do { object = try JSONObject(line) } catch { throw wrong("its first line: \(error)") }
    guard object["format"]?.text == "engram-ngrams" else {
      throw wrong("its first line does not say \"format\":\"engram-ngrams\"")
    }
    guard let version = object["version"]?.integer, version > 0 else {
      throw wrong("its first line says no version")
    }
    guard version <= Self.formatVersion else {
      throw .newerFormat(path: path, found: version, supported: Self.formatVersion)
    }
    func count(_ name: String) throws(GraftError) -> Int {
      guard let value = object[name]?.integer, (1...Int(Int32.max)).contains(value) else {
        throw wrong("its first line has no \(name)")
      }
      return value
    }
    func digest(_ name: String) throws(GraftError) -> SHA256Digest {
      guard let value = object[name]?.text.flatMap({ SHA256Digest(hexadecimal: $0) }) else {
        throw wrong("the \(name) of its first line is no SHA-256")
      }
      return value
    }
    let vocabulary = try count("vocabulary")
    switch object["tokens"]?.text {
    case "raw": tokens = .raw(vocabulary: vocabulary)
    case "mapped":
      let compressed = try count("compressed")
      guard compressed <= vocabulary else { throw wrong("more compressed ids than raw ones") }
      tokens = .mapped(
        vocabulary: vocabulary, compressed: compressed, tokenMap: try digest("map"))
    default: throw wrong("the tokens of its first line are neither raw nor mapped")
    }
    tokenizer = object["tokenizer"] == nil ? nil : try digest("tokenizer")
    ngrams = try count("ngrams")
  }
}
