import Terms
import Testing

@Suite struct TermNormalizerTests {
  private func term(_ word: String, stem: String? = nil) throws -> String {
    let session = try TermNormalizer(stem: stem).session()
    var term: [UInt8] = [1, 2, 3]
    Array(word.utf8).withUnsafeBytes { session.term(of: $0, into: &term) }
    return String(decoding: term, as: UTF8.self)
  }

  @Test func accentsAreDropped() throws {
    #expect(try term("café") == "cafe")
    #expect(try term("zu\u{308}rich") == "zurich")
    #expect(try term("ёлка") == "елка")
    #expect(try term("tiếng") == "tieng")
    #expect(try term("שָׁלוֹם") == "שלום")
    #expect(try term("plain") == "plain")
  }

  @Test func marksThatMakeOtherLettersStay() throws {
    // Kana's voiced marks are of class 8, vowel signs of Indic scripts of class 0.
    #expect(try term("が") == "が")
    #expect(try term("हिन्दी") == "हिन्दी")
    #expect(try term("한국어") == "한국어")
  }

  @Test func wordsAreStemmedBeforeAccentsAreDropped() throws {
    #expect(try term("running", stem: "en") == "run")
    #expect(try term("running", stem: "english") == "run")
    #expect(try term("häuser", stem: "de") == "haus")
    #expect(try term("книгами", stem: "ru") == "книг")
    #expect(try term("中文", stem: "en") == "中文")
  }

  @Test func everyLanguageHasAStemmer() throws {
    for language in TermNormalizer.languages { _ = try TermNormalizer(stem: language) }
  }

  @Test(arguments: ["xx", "", "EN", "en\0", "porter"])
  func unknownLanguagesAreRefused(_ language: String) {
    let error = #expect(throws: TermError.self) { try TermNormalizer(stem: language) }
    #expect(error?.description.contains("en, es") == true)
  }

  @Test func termsHaveAtMost64Bytes() throws {
    #expect(try term(String(repeating: "x", count: 1_000)).utf8.count == 64)
    #expect(try term(String(repeating: "中", count: 300)).utf8.count == 63)
  }

  @Test func whatIsOnlyMarksStays() throws {
    #expect(try term("\u{301}") == "\u{301}")
    #expect(try term("") == "")
  }
}
