import Foundation
import SeededRandom
import Testing

@testable import Tokenization

/// What must hold for any text, against slow and simple ways to the same answer.
@Suite struct PropertyTests {
  /// Scalars that pre-tokenizers tell apart, common ones more often.
  private static let alphabet: [String] =
    [
      "a", "b", "E", "the", " ", " ", "  ", "\n", "\r\n", "\t", "1", "23", "456", ".", ",", "!",
      "(", "'",
    ]
    + [
      "é", "e\u{301}", "中", "文", "龦", "の", "ン", "ー", "д", "ß", "①", "½", "٣", "€", "😀", "\u{200D}",
    ]
    + [
      "\u{A0}", "\u{3000}", "\u{85}", "\u{2028}", "\u{180E}", "\u{0}", "\u{7F}", "|", "｜", "<", ">",
      "_", "-",
    ]
    + ["<｜User｜>", "<think>", "don't", "I'LL", "ſ", "K", "İ", "क्षि"]

  private static func text(_ generator: inout SeededGenerator, pieces: Int) -> String {
    (0..<pieces).map { _ in alphabet.randomElement(using: &generator) ?? "" }.joined()
  }

  @Test func bothEnginesCutTextAlike() throws {
    let fast = try TestTokenizer.fast.get()
    let reference = try TestTokenizer.reference.get()
    let steps = fast.tables.preTokenizers.count
    #expect(steps == 3)
    for case .split(let matcher, _, _) in fast.tables.preTokenizers {
      #expect(matcher.automaton != nil, "the fast engine must run \(matcher.perl.source)")
    }
    var generator = SeededGenerator(seed: 1)
    for round in 0..<400 {
      let text = Self.text(&generator, pieces: 1 + round % 60)
      #expect(
        try fast.encode(text) == reference.encode(text), "\(text.debugDescription)")
    }
  }

  @Test(arguments: [
    "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+",
    "(?i:'s|'ll)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}|\\s*[\\r\\n]+|\\s+(?=\\S)|\\s",
    "\\p{N}{1,3}", "[\\x{4e00}-龥\\u3040-ヿ]+", "a*?b|\\w{2,4}?e|(ab|a)(b|中)?", "\\W+|\\D",
    "[^\\S ]|\\d*",
  ])
  func automatonFindsWhatPCREFinds(pattern: String) throws {
    let matcher = try PatternMatcher(pattern)
    let automaton = try #require(matcher.automaton)
    let scratch = PerlMatcher.Scratch()
    var generator = SeededGenerator(seed: 2)
    for round in 0..<300 {
      let text = Array(Self.text(&generator, pieces: 1 + round % 40).utf8)
      try text.withUnsafeBufferPointer { buffer in
        let base = try #require(buffer.baseAddress)
        var start = 0
        while start <= buffer.count {
          let expected = try matcher.perl.firstMatch(
            base, count: buffer.count, from: start, scratch)
          var work = Int.max
          let found = automaton.firstMatch(
            base, count: buffer.count, from: start, work: &work)
          #expect(found == expected, "\(pattern) from \(start) of \(text)")
          guard found == expected else { return }
          start += start < buffer.count ? UTF8Text.scalar(base, start).length : 1
        }
      }
    }
  }

  /// Byte pair encoding as its definition says it, in quadratic time.
  private static func plainEncoding(_ word: [UInt8], _ encoder: BytePairEncoder) -> [Int32] {
    var ids = word.map { encoder.byteTokens[Int($0)] }
    while ids.count > 1 {
      let merges = zip(ids, ids.dropFirst()).map { encoder.merges.merge($0, $1) }
      guard let best = merges.map(\.rank).min(), best != .max,
        let place = merges.firstIndex(where: { $0.rank == best })
      else { break }
      ids.replaceSubrange(place...place + 1, with: [merges[place].id])
    }
    return ids
  }

  @Test func mergesEqualTheDefinition() throws {
    let encoder = try TestTokenizer.fast.get().tables.encoder
    let scratch = BytePairEncoder.Scratch()
    var generator = SeededGenerator(seed: 3)
    for round in 0..<300 {
      // Short words, words at the limit between the two ways of merging, and longer ones.
      let count = round % 3 == 0 ? 120 + round % 17 : 1 + round % 60
      var word: [UInt8] = []
      while word.count < count {
        word +=
          (round % 2 == 0 ? "abcdefghijklmnopqrstuvwxyz " : "的一是不了人我在有他这中大来上").unicodeScalars
          .randomElement(using: &generator).map { Array(String($0).utf8) } ?? []
      }
      let output = TokenBuffer()
      word.withUnsafeBufferPointer { encoder.encode($0, scratch, into: output) }
      #expect(Array(output.ids) == Self.plainEncoding(word, encoder))
    }
  }

  @Test func longRunOfOneCharacterTakesLinearTime() throws {
    let tokenizer = try TestTokenizer.fast.get()
    let clock = ContinuousClock()
    for character in ["a", " ", "=", "中"] {
      func time(_ count: Int) throws -> Duration {
        let text = String(repeating: character, count: count)
        var ids: [Int32] = []
        // The least of three: other work on the machine only adds.
        var least = Duration.seconds(1000)
        for _ in 0..<3 {
          least = min(least, try clock.measure { ids = try tokenizer.encode(text) })
        }
        #expect(tokenizer.decode(ids) == text)
        return least
      }
      _ = try time(1_000)
      let small = try time(20_000)
      let large = try time(200_000)
      // Ten times the text: quadratic time would be a hundred times.
      #expect(large < small * 40 + .milliseconds(50), "\(character): \(small), \(large)")
    }
  }

  @Test func encodedTextIsDecodedToItself() throws {
    let tokenizer = try TestTokenizer.fast.get()
    var generator = SeededGenerator(seed: 4)
    for round in 0..<300 {
      let text = Self.text(&generator, pieces: round % 50)
      let ids = try tokenizer.encode(text)
      #expect(Array(tokenizer.decode(ids).utf8) == Array(text.utf8))
      #expect(tokenizer.bytes(of: ids) == Array(text.utf8))
    }
  }

  @Test func bytesThatAreNotUTF8AreRefused() throws {
    let tokenizer = try TestTokenizer.fast.get()
    let broken: [([UInt8], Int)] = [
      ([0x61, 0xFF], 1), ([0x61, 0xC3], 1), ([0xC0, 0x80], 0), ([0xED, 0xA0, 0x80], 0),
      ([0xF4, 0x90, 0x80, 0x80], 0), ([0xE4, 0xB8, 0x61], 0), ([0x80], 0),
      (Array("01234567é".utf8.dropLast()), 8),
    ]
    for (bytes, offset) in broken {
      #expect(throws: TokenizationError.invalidUTF8(offset: offset)) {
        try bytes.withUnsafeBufferPointer { try tokenizer.encode(utf8: $0) }
      }
    }
  }

  @Test func normalizationInPiecesEqualsTheWhole() {
    var generator = SeededGenerator(seed: 5)
    for form in UnicodeText.Form.allCases {
      // Longer than a piece, with marks that belong to the character before them.
      let text = Self.text(&generator, pieces: 60_000)
      let expected =
        switch form {
        case .nfc: text.precomposedStringWithCanonicalMapping
        case .nfd: text.decomposedStringWithCanonicalMapping
        case .nfkc: text.precomposedStringWithCompatibilityMapping
        case .nfkd: text.decomposedStringWithCompatibilityMapping
        }
      #expect(UnicodeText.normalized(Array(text.utf8), form) == Array(expected.utf8))
    }
  }
}
