import SeededRandom
import Testing

@testable import Terms

@Suite struct WordReaderTests {
  private func words(_ bytes: [UInt8], _ reader: WordReader = WordReader()) throws -> Words {
    var words = Words()
    try bytes.withUnsafeBytes { try reader.read($0, into: &words) }
    return words
  }

  private func texts(_ text: String) throws -> [String] {
    let words = try words(Array(text.utf8))
    return words.words.map { String(decoding: words.folded($0), as: UTF8.self) }
  }

  @Test func layoutIsThatOfC() {
    #expect(MemoryLayout<Words.Word>.stride == 16)
    #expect(MemoryLayout<Words.Word>.offset(of: \.length) == 4)
    #expect(MemoryLayout<Words.Word>.offset(of: \.foldedLength) == 6)
    #expect(MemoryLayout<Words.Word>.offset(of: \.foldedStart) == 8)
    #expect(MemoryLayout<Words.Word>.offset(of: \.bound) == 12)
  }

  @Test func asciiWordsAreRunsOfLettersAndDigits() throws {
    #expect(
      try texts("Don't stop_at 3.14, foo-bar/X86!") == [
        "don", "t", "stop", "at", "3", "14", "foo", "bar", "x86",
      ])
    #expect(try texts("").isEmpty)
    #expect(try texts("... !?").isEmpty)
  }

  @Test func scriptsWithoutSpacesArePartedByDictionary() throws {
    #expect(try texts("中华人民共和国的首都是北京").contains("北京"))
    #expect(try texts("東京大学で勉強する").contains("勉強"))
    #expect(try texts("ภาษาไทย") == ["ภาษา", "ไทย"])
  }

  @Test func wordsAreFolded() throws {
    #expect(try texts("STRASSE Straße") == ["strasse", "strasse"])
    #expect(try texts("ＡＢＣ ﬁx ⅷ") == ["abc", "fix", "viii"])
    #expect(try texts("so\u{AD}ft") == ["soft"])
  }

  @Test func wordsAreThoseOfTheWholeTextByTheRule() throws {
    var random = RandomText(seed: 7)
    let reader = WordReader()
    for round in 0..<3000 {
      let bytes = random.next(round % 50 == 0 ? 3000 : 40)
      let words = try words(bytes, reader)
      let found = words.words.map { word in
        PlainWords.Word(
          range: Int(word.start)..<Int(word.start) + Int(word.length),
          folded: Array(words.folded(word)))
      }
      let expected = PlainWords(bytes).words
      let difference = zip(found, expected).first { $0 != $1 }
      try #require(
        found == expected,
        "\(String(decoding: bytes, as: UTF8.self)): \(String(describing: difference))")
    }
  }

  @Test func scalarsOfAllKindsAreReadByTheRule() throws {
    let reader = WordReader()
    for block in 0..<0x300 where block < 0x34 || block % 16 == 15 {
      var text = ""
      for value in block << 8..<(block + 1) << 8 {
        guard let scalar = Unicode.Scalar(UInt32(value)) else { continue }
        text += "a" + String(scalar) + "b" + String(scalar) + String(scalar) + " " + String(scalar)
        text += "\n"
      }
      let words = try words(Array(text.utf8), reader)
      let expected = PlainWords(Array(text.utf8)).words
      try #require(words.words.map { Array(words.folded($0)) } == expected.map(\.folded))
      try #require(words.words.map { Int($0.start) } == expected.map(\.range.lowerBound))
    }
  }

  @Test func boundsAreTheStrongestOfTheGap() throws {
    func bounds(_ text: String) throws -> [Words.Bound] {
      try words(Array(text.utf8)).words.map(\.bound)
    }
    #expect(try bounds("a b\nc. d\n\ne") == [.paragraph, .word, .line, .sentence, .paragraph])
    #expect(try bounds("  a\r\n \t\r\nb") == [.paragraph, .paragraph])
    #expect(
      try bounds("a.b a, b? c!\nd.") == [.paragraph, .word, .word, .word, .sentence, .sentence])
    #expect(try bounds("a..b (!)c") == [.paragraph, .word, .word])
    #expect(try bounds("a。b！c") == [.paragraph, .sentence, .sentence])
    #expect(try bounds("a\n* b\n\n* c") == [.paragraph, .line, .paragraph])
  }

  @Test func longWordsAreCut() throws {
    let long = String(repeating: "x", count: 200_000)
    var words = try words(Array("a \(long) b".utf8))
    #expect(words.words.map(\.length) == [1, 65_535, 1])
    #expect(words.words.map(\.foldedLength) == [1, 64, 1])
    words = try self.words(Array((String(repeating: "é", count: 40) + " z").utf8))
    #expect(words.words.map(\.foldedLength) == [64, 1])
    words = try self.words(Array((String(repeating: "aé", count: 40) + " z").utf8))
    #expect(words.words.map(\.foldedLength) == [64, 1])
    words = try self.words(Array(("b" + String(repeating: "é", count: 40) + " z").utf8))
    #expect(words.words.map(\.foldedLength) == [63, 1])
  }

  @Test func longStretchesAreReadInParts() throws {
    for unit in ["中文", "é", "a", "\u{301}", "한", "\u{FFFD}", "😀", "中。"] {
      var bytes = Array(String(repeating: unit, count: 100_000).utf8)
      bytes += Array("é".utf8)
      let words = try words(bytes)
      var end = 0
      for word in words.words {
        #expect(Int(word.start) >= end && word.foldedLength > 0)
        end = Int(word.start) + Int(word.length)
      }
      #expect(end <= bytes.count)
    }
    // Stops part them, so that nothing is lost.
    let bytes = Array(String(repeating: "我们在北京大学学习，", count: 5_000).utf8)
    #expect(try words(bytes).words.count == PlainWords(bytes).words.count)
  }

  @Test func randomBytesAreRead() throws {
    var random = SeededGenerator(seed: 3)
    let reader = WordReader()
    for _ in 0..<300 {
      let bytes = (0..<500).map { _ in UInt8.random(in: 0...255, using: &random) }
      let words = try words(bytes, reader)
      #expect(words.words.map { Array(words.folded($0)) } == PlainWords(bytes).words.map(\.folded))
    }
  }
}
