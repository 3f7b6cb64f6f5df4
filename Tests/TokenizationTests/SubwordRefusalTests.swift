import Foundation
import SeededRandom
import Testing

@testable import Tokenization

@Suite struct SubwordRefusalTests {
  private static let vocabulary = "[[\"<unk>\",0],[\"a\",-1],[\"ab\",-1.5],[\"▁\",-2]]"

  private func file(
    model: String? = nil, normalizer: String = "null", preTokenizer: String = "null",
    added: String = "[]"
  ) -> String {
    let model = model ?? "{\"type\":\"Unigram\",\"unk_id\":0,\"vocab\":\(Self.vocabulary)}"
    return "{\"model\":\(model),\"normalizer\":\(normalizer),\"pre_tokenizer\":\(preTokenizer),"
      + "\"added_tokens\":\(added)}"
  }

  private func message(_ json: String) -> String {
    do {
      _ = try SubwordTests.make(json).encode("a")
      return "no error"
    } catch {
      #expect(!"\(error)".contains("\n"))
      return "\(error)"
    }
  }

  @Test func whatIsWrongIsNamed() {
    #expect(message(file()) == "no error")
    #expect(message("{}").contains("\"model\" is missing"))
    #expect(message(file(model: "{\"type\":\"BPE\"}")).contains("BPE"))
    func unigram(_ vocabulary: String, _ unknown: String) -> String {
      message(
        file(model: "{\"type\":\"Unigram\",\"vocab\":\(vocabulary),\"unk_id\":\(unknown)}"))
    }
    #expect(unigram("[]", "0").contains("empty"))
    #expect(unigram("[[\"a\"]]", "0").contains("entry 0"))
    #expect(unigram("[[\"a\",\"b\"]]", "0").contains("entry 0"))
    #expect(unigram("[[\"a\",1]]", "1").contains("not in 0..<1"))
    #expect(unigram("[[\"a\",1]]", "-1").contains("not in 0..<1"))
    #expect(unigram("[[\"b\",1]]", "null").contains("unk_id"))
    let long = String(repeating: "x", count: 2000)
    #expect(unigram("[[\"\(long)\",1]]", "0").contains("1024 bytes"))
    func pieces(_ vocabulary: String) -> String {
      message(
        file(
          model: "{\"type\":\"WordPiece\",\"vocab\":\(vocabulary),\"unk_token\":\"[UNK]\","
            + "\"continuing_subword_prefix\":\"##\",\"max_input_chars_per_word\":9}"))
    }
    #expect(pieces("{\"[UNK]\":0,\"a\":1}") == "no error")
    #expect(pieces("{\"[UNK]\":0,\"a\":2}").contains("no token has id 1"))
    #expect(pieces("{\"[UNK]\":0,\"a\":0}").contains("two tokens"))
    #expect(pieces("{\"a\":0}").contains("unk_token"))
    #expect(pieces("{\"a\":999999999}").contains("an integer"))
    #expect(message(file(normalizer: "{\"type\":\"Nmt\"}")).contains("Nmt"))
    #expect(message(file(preTokenizer: "{\"type\":\"ByteLevel\"}")).contains("ByteLevel"))
    #expect(
      message(file(preTokenizer: "{\"type\":\"Metaspace\",\"replacement\":\"ab\"}"))
        .contains("one character"))
    #expect(
      message(
        file(
          preTokenizer:
            "{\"type\":\"Metaspace\",\"replacement\":\"_\",\"prepend_scheme\":\"often\"}")
      ).contains("often"))
    #expect(
      message(file(added: "[{\"id\":2,\"content\":\"a\"}]")).contains("has id 2, and 1"))
    #expect(message(file(added: "[{\"id\":-1,\"content\":\"q\"}]")).contains("id -1"))
  }

  @Test func characterMapsOfAnyContentDoNoHarm() throws {
    func map(_ bytes: [UInt8]) -> String {
      message(
        file(
          normalizer: "{\"type\":\"Precompiled\",\"precompiled_charsmap\":"
            + "\"\(Data(bytes).base64EncodedString())\"}"))
    }
    #expect(map([]).contains("no trie"))
    #expect(map([8, 0, 0, 0, 1]).contains("claims 8 bytes"))
    #expect(map([4, 0, 0, 0, 0, 0, 0, 0]).contains("leads out of itself"))
    #expect(
      message(file(normalizer: "{\"type\":\"Precompiled\",\"precompiled_charsmap\":\"a-\"}"))
        .contains("Base64"))
    var generator = SeededGenerator(seed: 41)
    for _ in 0..<300 {
      // A trie of 256 units that are of some use, and texts after it.
      var bytes: [UInt8] = [0, 4, 0, 0]
      for unit in 0..<256 {
        let offset = UInt32.random(in: 0..<1024, using: &generator)
        let value = Bool.random(using: &generator) ? UInt32(1 << 8) : 0
        let word = UInt32(unit & 0xFF) | value | offset << 10
        withUnsafeBytes(of: word.littleEndian) { bytes += $0 }
      }
      bytes += Array("abc\0def\0".utf8)
      _ = map(bytes)
    }
  }

  @Test func textsThatAHostileFileMakesHugeAreRefused() throws {
    let long = String(repeating: "x", count: 100_000)
    let replace = "{\"type\":\"Replace\",\"pattern\":{\"String\":\"a\"},\"content\":\"\(long)\"}"
    let tokenizer = try SubwordTests.make(file(normalizer: replace))
    #expect(throws: TokenizationError.self) {
      try tokenizer.encode(String(repeating: "a", count: 100_000))
    }
  }

  @Test func bytesThatAreNoTextAreRefused() throws {
    let tokenizer = try SubwordTests.make(file())
    let bytes: [UInt8] = [0x61, 0x62, 0xFF]
    #expect(throws: TokenizationError.invalidUTF8(offset: 2)) {
      try bytes.withUnsafeBufferPointer { try tokenizer.encode(utf8: $0) }
    }
  }

  @Test func bestPathIsTheBestOfAllPaths() throws {
    var generator = SeededGenerator(seed: 42)
    let letters = ["a", "b", "c"]
    for _ in 0..<60 {
      var scores: [String: Double] = [:]
      for letter in letters { scores[letter] = -Double.random(in: 1...9, using: &generator) }
      for _ in 0..<12 {
        let length = Int.random(in: 2...4, using: &generator)
        let text = (0..<length).map { _ in letters.randomElement(using: &generator)! }.joined()
        scores[text] = -Double.random(in: 1...12, using: &generator)
      }
      let vocabulary = scores.sorted { $0.key < $1.key }
      let entries = [("<unk>", 0.0)] + vocabulary.map { ($0.key, $0.value) }
      let json = entries.map { "[\"\($0.0)\",\($0.1)]" }.joined(separator: ",")
      let tokenizer = try SubwordTests.make(
        file(model: "{\"type\":\"Unigram\",\"unk_id\":0,\"vocab\":[\(json)]}"))
      let text = (0..<9).map { _ in letters.randomElement(using: &generator)! }
      // The best sum over all ways to cut, by trying them all.
      func best(_ start: Int) -> Double {
        guard start < text.count else { return 0 }
        var found = -Double.infinity
        for end in start + 1...min(text.count, start + 4) {
          if let score = scores[text[start..<end].joined()] {
            found = max(found, score + best(end))
          }
        }
        return found
      }
      let ids = try tokenizer.encode(text.joined())
      #expect(ids.map { tokenizer.token(for: $0) ?? "" }.joined() == text.joined())
      let sum = ids.reduce(0) { $0 + entries[Int($1)].1 }
      #expect(abs(sum - best(0)) < 1e-9)
    }
  }

  @Test func changedFilesNeverCrash() throws {
    let golden = try SubwordTests.Golden.read()
    var generator = SeededGenerator(seed: 43)
    var opened = 0
    for variant in golden.variants {
      let good = Array(variant.tokenizer.utf8)
      for _ in 0..<8 {
        var bytes = good
        for _ in 0..<Int.random(in: 1...3, using: &generator) {
          bytes[Int.random(in: 0..<bytes.count, using: &generator)] =
            UInt8.random(in: 0x20...0x7E, using: &generator)
        }
        guard let tokenizer = try? bytes.withUnsafeBytes({ try SubwordTokenizer(json: $0) })
        else { continue }
        opened += 1
        for item in variant.cases.prefix(20) {
          for id in (try? tokenizer.encode(item.text)) ?? [] {
            #expect(id >= 0 && Int(id) < tokenizer.vocabularySize)
          }
        }
      }
    }
    #expect(opened > 20)
  }

  @Test func manyThreadsGetTheSameTokens() async throws {
    let variant = try #require(SubwordTests.Golden.read().variants.first { $0.name == "map" })
    let tokenizer = try SubwordTests.make(variant.tokenizer)
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<4 {
        group.addTask {
          for item in variant.cases {
            let ids = try tokenizer.encode(item.text)
            #expect(ids == item.ids)
          }
        }
      }
      try await group.waitForAll()
    }
  }
}
