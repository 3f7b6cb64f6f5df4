import Foundation
import Testing

@testable import Tokenization

/// Small tokenizers of every supported kind, as Hugging Face `tokenizers` runs them
/// (Golden/variants.json, written by Tools/peers/tokenize_variants.py).
@Suite struct VariantTests {
  struct Golden: Decodable {
    struct Variant: Decodable {
      struct Case: Decodable {
        let text: String
        let ids: [Int32]
        let decoded: String
        let skipping: String
      }

      let name: String
      let parts: String
      let cases: [Case]
    }

    struct Broken: Decodable {
      let ids: [Int32]
      let decoded: String
    }

    let model: String
    let variants: [Variant]
    let brokenText: [Broken]

    static func read() throws -> Golden {
      let url = try #require(
        Bundle.module.url(forResource: "variants", withExtension: "json", subdirectory: "Golden"))
      return try JSONDecoder().decode(Golden.self, from: Data(contentsOf: url))
    }

    func tokenizer(_ variant: Variant, automaton: Bool = true) throws -> Tokenizer {
      try TestTokenizer.make("{\(variant.parts),\"model\":\(model)}", automaton: automaton)
    }
  }

  @Test(arguments: [true, false]) func everyKindGivesTheSameTokens(automaton: Bool) throws {
    let golden = try Golden.read()
    #expect(golden.variants.count > 40)
    for variant in golden.variants {
      let tokenizer = try golden.tokenizer(variant, automaton: automaton)
      for item in variant.cases {
        let ids = try tokenizer.encode(item.text)
        #expect(ids == item.ids, "\(variant.name): \(item.text.debugDescription)")
        #expect(Array(tokenizer.decode(item.ids).utf8) == Array(item.decoded.utf8))
        #expect(
          Array(tokenizer.decode(item.ids, skippingSpecialTokens: true).utf8)
            == Array(item.skipping.utf8))
      }
    }
  }

  @Test func mergesAsPairsEqualMergesAsLines() throws {
    let golden = try Golden.read()
    let variant = try #require(golden.variants.first { $0.name == "qwen" })
    var model = try #require(
      JSONSerialization.jsonObject(with: Data(golden.model.utf8)) as? [String: Any])
    let merges = try #require(model["merges"] as? [[String]])
    model["merges"] = ["#version: 0.2"] + merges.map { $0.joined(separator: " ") }
    let text = String(decoding: try JSONSerialization.data(withJSONObject: model), as: UTF8.self)
    let tokenizer = try TestTokenizer.make("{\(variant.parts),\"model\":\(text)}")
    for item in variant.cases { #expect(try tokenizer.encode(item.text) == item.ids) }
  }

  @Test func bytesThatAreNoTextBecomeReplacementCharacters() throws {
    let golden = try Golden.read()
    let tokenizer = try golden.tokenizer(golden.variants[0])
    for item in golden.brokenText {
      #expect(Array(tokenizer.decode(item.ids).utf8) == Array(item.decoded.utf8), "\(item.ids)")
    }
  }
}
