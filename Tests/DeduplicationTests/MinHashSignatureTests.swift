import SeededRandom
import Testing

@testable import Deduplication

@Suite struct MinHashSignatureTests {
  /// Computed once by `Golden/minhash.py`, which follows `Schemas/deduplication.md`.
  @Test func isWhatTheSchemaSays() throws {
    for example in try GoldenSignatures.load() {
      #expect(signature(example.text).values == example.values, "\(example.text.prefix(40))")
    }
  }

  @Test func caseAndPunctuationDoNotMatter() {
    let plain = signature("the quick brown fox jumps over the lazy dog")
    #expect(signature("The QUICK, brown fox -- jumps over\n\nthe lazy dog!") == plain)
    #expect(signature("the quick brown fox jumps over the lazy cat") != plain)
    #expect(signature("ÄRGER über Straße und Fuß") == signature("ärger, ÜBER straße UND fuß"))
    #expect(signature("снова ТОТ же Самый текст") == signature("СНОВА тот ЖЕ самый ТЕКСТ"))
  }

  @Test func charactersOfUnspacedScriptsAreWords() {
    let text = "机器学习模型需要大量的训练数据才能得到良好的结果"
    let edited = "机器学习模型需要大量的训练数据才能得到满意的结果"
    #expect(signature(text) == signature(text.map(String.init).joined(separator: "，")))
    let similarity = signature(text).similarity(to: signature(edited))
    #expect(similarity > 0.2 && similarity < 0.9)
    #expect(signature("GPU机器b学习") == signature("gpu 机 器 b 学 习"))
    #expect(signature("ภาษาไทย") != signature("ภาษาไท"))
    #expect(signature("абв") == signature("АБВ"))
  }

  @Test func textsWithoutWordsResembleNothing() {
    for text in ["", " ", "!?!", "\u{3002}\u{3001}", "\u{0}\u{1}"] {
      #expect(signature(text).isEmpty)
      #expect(signature(text).similarity(to: signature(text)) == 0)
    }
    #expect(signature("a").similarity(to: signature("A ")) == 1)
    #expect(signature("a").similarity(to: signature("b")) < 0.1)
    #expect(signature("a b c d") != signature("b c d"))
  }

  @Test func anyBytesHaveASignature() {
    var random = SeededGenerator(seed: 5)
    for length in 0..<600 {
      let bytes = (0..<length).map { _ in UInt8.random(in: 0...255, using: &random) }
      let first = bytes.withUnsafeBytes { MinHashSignature(of: $0) }
      #expect(first == bytes.withUnsafeBytes { MinHashSignature(of: $0) })
    }
    for bad in [[0xC3], [0xE4, 0xB8], [0xF0, 0x9F], [0xED, 0xA0, 0x80], [0xC0, 0x80], [0xFF]]
      as [[UInt8]]
    {
      let text = Array("one ".utf8) + bad + Array(" two".utf8)
      #expect(text.withUnsafeBytes { MinHashSignature(of: $0) } == signature("one two"))
    }
  }

  /// The estimate is unbiased and as exact as 128 hash functions can be, also of short texts.
  @Test func estimatesFollowExactSimilarity() {
    for length in [12, 60, 1_200] {
      var texts = SyntheticTexts(seed: UInt64(length))
      var bias = 0.0
      var squares = 0.0
      var expected = 0.0
      let pairs = length > 1_000 ? 40 : 150
      for pair in 0..<pairs {
        let words = texts.words(length)
        let edited = texts.edit(words, rate: Double(pair) / Double(pairs) * 0.2)
        let exact = SyntheticTexts.similarity(words, edited)
        let error = signature(words).similarity(to: signature(edited)) - exact
        bias += error
        squares += error * error
        expected += exact * (1 - exact) / 128
        #expect(abs(error) < 5 * (0.25 / 128).squareRoot(), "\(exact) \(error)")
      }
      #expect(abs(bias / Double(pairs)) < 4 * (expected).squareRoot() / Double(pairs) + 1e-9)
      #expect(squares < 2 * expected)
    }
  }
}
