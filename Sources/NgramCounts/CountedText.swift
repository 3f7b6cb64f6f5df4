import Addressing
import Tokenization

/// Text to tokens as they were counted, and back.
public struct CountedText: Sendable {
  private let tokenizer: Tokenizer
  private let map: TokenMap?
  /// A token id for each compressed one: the lowest.
  private let originals: [Int32]

  /// - Throws: `CountError.otherTokenizer` where these counts are another tokenizer's;
  ///   `TokenMapError`.
  public init(_ manifest: CountsManifest, tokenizer: Tokenizer) throws {
    let given = tokenizer.identity.description
    guard manifest.subject.tokenizer.sha256 == given else {
      throw CountError.otherTokenizer(
        counts: manifest.title, expected: manifest.subject.tokenizer.sha256, found: given)
    }
    self.tokenizer = tokenizer
    guard manifest.subject.tokens.kind == .mapped else {
      map = nil
      originals = []
      return
    }
    let map = try TokenMap(tokenizer: tokenizer)
    self.map = map
    originals = map.withUnsafeCompressedIDs { ids in
      var originals: [Int32] = []
      // New compressed ids come in ascending order.
      for (token, id) in ids.enumerated() where Int(id) == originals.count {
        originals.append(Int32(token))
      }
      return originals
    }
  }

  /// The tokens of a text as they are counted.
  public func tokens(of text: String) throws -> [Int32] {
    let ids = try tokenizer.encode(text)
    return try map?.map(ids) ?? ids
  }

  /// A text that has these tokens: compressed ones stand for several, of which it is the first in
  /// the vocabulary.
  public func text(of tokens: some Sequence<Int32>) -> String {
    guard map != nil else { return tokenizer.decode(Array(tokens)) }
    return tokenizer.decode(
      tokens.compactMap { originals.indices.contains(Int($0)) ? originals[Int($0)] : nil })
  }
}
