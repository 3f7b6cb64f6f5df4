import SeededRandom
import Terms
import Testing

@Suite struct PassageCutterTests {
  private func words(_ bytes: [UInt8]) throws -> Words {
    var words = Words()
    try bytes.withUnsafeBytes { try WordReader().read($0, into: &words) }
    return words
  }

  private func passages(_ text: String, limit: Int) throws -> [String] {
    let bytes = Array(text.utf8)
    let words = try words(bytes)
    return bytes.withUnsafeBytes { PassageCutter.cut(words, text: $0, limit: limit) }
      .map { String(decoding: bytes[$0.bytes], as: UTF8.self) }
  }

  @Test func passagesEndAtTheStrongestBound() throws {
    #expect(try passages("a b c. d e f", limit: 4) == ["a b c.", "d e f"])
    #expect(try passages("a b c. d\n\ne f g h i", limit: 6) == ["a b c. d", "e f g h i"])
    #expect(try passages("a. b. c. d. e. f.", limit: 4) == ["a. b. c. d.", "e. f."])
    #expect(try passages("a b c d e", limit: 2) == ["a b", "c d", "e"])
    #expect(try passages("a b", limit: 10) == ["a b"])
    #expect(try passages(" .. ", limit: 10).isEmpty)
    // An early paragraph would make it short: it goes past half.
    #expect(try passages("a\n\nb c d e f g h i", limit: 8) == ["a\n\nb c d e f g h", "i"])
  }

  @Test func passagesKeepTheirPunctuation() throws {
    #expect(
      try passages("# One two\n\n(three) \"four\".", limit: 2) == [
        "# One two", "(three) \"four\".",
      ])
    #expect(try passages("北京。上海！", limit: 1) == ["北京。", "上海！"])
  }

  /// Everything that a passage promises, over any text, limit and weights.
  @Test func everyWordIsInOnePassage() throws {
    var random = RandomText(seed: 21)
    var numbers = SeededGenerator(seed: 22)
    for round in 0..<1_500 {
      let bytes = random.next(120)
      let words = try words(bytes)
      let limit = Int.random(in: 1...12, using: &numbers)
      let weights: [UInt16]? =
        round % 2 == 0
        ? nil : words.words.map { _ in UInt16.random(in: 0...4, using: &numbers) }
      let spans = bytes.withUnsafeBytes {
        PassageCutter.cut(words, text: $0, limit: limit, weights: weights)
      }
      var (word, byte) = (0, 0)
      for span in spans {
        #expect(span.words.lowerBound == word && !span.words.isEmpty)
        #expect(span.bytes.lowerBound >= byte)
        word = span.words.upperBound
        byte = span.bytes.upperBound
        let first = words.words[span.words.lowerBound]
        let last = words.words[span.words.upperBound - 1]
        #expect(span.bytes.lowerBound <= Int(first.start))
        #expect(byte >= Int(last.start) + Int(last.length))
        let units = span.words.reduce(0) { $0 + Int(weights?[$1] ?? 1) }
        #expect(units <= limit || span.words.count == 1)
        try expectCut(span.words, words, limit, weights)
        let piece = Array(bytes[span.bytes])
        if String(validating: bytes, as: UTF8.self) != nil {
          #expect(String(validating: piece, as: UTF8.self) != nil)
        }
      }
      #expect(word == words.words.count)
      #expect(byte <= bytes.count)
    }
  }

  /// That a passage ends at the latest of the strongest bounds that it may end at.
  private func expectCut(
    _ range: Range<Int>, _ words: Words, _ limit: Int, _ weights: [UInt16]?
  ) throws {
    func units(_ range: Range<Int>) -> Int { range.reduce(0) { $0 + Int(weights?[$1] ?? 1) } }
    let start = range.lowerBound
    if units(start..<words.words.count) <= limit {
      #expect(range.upperBound == words.words.count)
      return
    }
    let ends = (start + 1..<max(words.words.count, start + 2)).filter {
      $0 < words.words.count && units(start..<$0) <= limit && 2 * units(start..<$0) >= limit
    }
    guard let strongest = ends.map({ words.words[$0].bound }).max() else { return }
    #expect(range.upperBound == ends.last { words.words[$0].bound == strongest })
  }
}
