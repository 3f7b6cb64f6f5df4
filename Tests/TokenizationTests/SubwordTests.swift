import Foundation
import SeededRandom
import Testing

@testable import Tokenization

/// Small Unigram and WordPiece tokenizers, as Hugging Face `tokenizers` runs them
/// (Golden/subword.json, written by Tools/peers/subword_variants.py).
@Suite struct SubwordTests {
  struct Golden: Decodable, Sendable {
    struct Variant: Decodable, Sendable {
      struct Case: Decodable, Sendable {
        let text: String
        let ids: [Int32]
      }

      let name: String
      let tokenizer: String
      let cases: [Case]
    }

    let variants: [Variant]

    /// `ENGRAM_SUBWORD_GOLDEN` names another file, such as one of more texts.
    static func read() throws -> Golden {
      let other = ProcessInfo.processInfo.environment["ENGRAM_SUBWORD_GOLDEN"]
      let url = try #require(
        other.map { URL(fileURLWithPath: $0) }
          ?? Bundle.module.url(
            forResource: "subword", withExtension: "json", subdirectory: "Golden"))
      return try JSONDecoder().decode(Golden.self, from: Data(contentsOf: url))
    }
  }

  static func make(_ json: String) throws -> SubwordTokenizer {
    try Data(json.utf8).withUnsafeBytes { try SubwordTokenizer(json: $0) }
  }

  @Test func everyKindGivesTheSameTokens() throws {
    let golden = try Golden.read()
    #expect(golden.variants.count >= 20)
    for variant in golden.variants {
      let tokenizer = try Self.make(variant.tokenizer)
      // Twice: the second time words come from the cache.
      for _ in 0..<2 {
        for item in variant.cases {
          let ids = try tokenizer.encode(item.text)
          #expect(ids == item.ids, "\(variant.name): \(item.text.debugDescription)")
        }
      }
    }
  }
}
