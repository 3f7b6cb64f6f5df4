import Foundation
import Testing

@testable import Tokenization

/// Tokens that Hugging Face `tokenizers` gave (Golden/tokenization.json).
@Suite struct GoldenTests {
  struct Golden: Decodable {
    struct Case: Decodable {
      let text: String
      let ids: [Int32]
      let decoded: String
    }

    let cases: [Case]

    static func read() throws -> Golden {
      let url = try #require(
        Bundle.module.url(
          forResource: "tokenization", withExtension: "json", subdirectory: "Golden"))
      return try JSONDecoder().decode(Golden.self, from: Data(contentsOf: url))
    }
  }

  @Test func textsBecomeTheSameTokens() throws {
    let golden = try Golden.read()
    #expect(golden.cases.count >= 300)
    for tokenizer in [try TestTokenizer.fast.get(), try TestTokenizer.reference.get()] {
      for item in golden.cases {
        #expect(try tokenizer.encode(item.text) == item.ids, "\(item.text.debugDescription)")
      }
    }
  }

  @Test func tokensBecomeTheSameText() throws {
    let tokenizer = try TestTokenizer.fast.get()
    for item in try Golden.read().cases {
      #expect(Array(tokenizer.decode(item.ids).utf8) == Array(item.decoded.utf8))
    }
  }

  @Test func manyTextsOnThreadsEqualOneByOne() throws {
    let tokenizer = try TestTokenizer.fast.get()
    let golden = try Golden.read()
    let ids = try tokenizer.encode(golden.cases.map(\.text), threads: 4)
    #expect(ids == golden.cases.map(\.ids))
  }

  @Test func identityIsTheFilesDigest() throws {
    let tokenizer = try TestTokenizer.fast.get()
    #expect(
      tokenizer.identity.description
        == "8f9f37ca37fdc4f5fd36d5cf4d3b0e8392edb4e894fd10cc0d70b4957c8633cf")
    #expect(tokenizer.vocabularySize == 129_280)
    #expect(tokenizer.token(for: 0) == "<｜begin▁of▁sentence｜>")
    #expect(tokenizer.id(for: "<｜begin▁of▁sentence｜>") == 0)
    #expect(tokenizer.token(for: 129_280) == nil)
    #expect(tokenizer.token(for: -1) == nil)
  }
}
