import Questions
import SeededRandom
import Testing

@Suite struct QuestionTests {
  @Test func phrasesStandInQuotes() throws {
    let question = try Question(parsing: #" who wrote "the moon" in “old times” "#)
    #expect(
      question.text.split(separator: " ").joined(separator: " ")
        == "who wrote the moon in old times")
    #expect(question.phrases == ["the moon", "old times"])
    #expect(try Question(parsing: "„so“ und ”so”").phrases == ["so", "so"])
    #expect(try Question(parsing: #"a "" b"#).phrases.isEmpty)
    #expect(try Question(parsing: #"“a "b" c”"#).phrases == [#"a "b" c"#])
  }

  @Test func quotesPartWords() throws {
    #expect(try Question(parsing: #"a"b c"d"#).text == "a b c d")
  }

  @Test func backslashMakesAPlainQuote() throws {
    #expect(try Question(parsing: #"5\" disk"#) == Question(text: #"5" disk"#))
    #expect(try Question(parsing: #"C:\temp \"#).text == #"C:\temp \"#)
    #expect(try Question(parsing: #""a \" b""#).phrases == [#"a " b"#])
    #expect(try Question(parsing: #"\\"a b""#).phrases == ["a b"])
    #expect(try Question(parsing: #"a \\ b"#).text == #"a \\ b"#)
  }

  @Test func unclosedQuoteIsNamed() {
    #expect(throws: QuestionError.unclosedQuote(character: 3)) { try Question(parsing: #"é "ab"#) }
    #expect(throws: QuestionError.unclosedQuote(character: 5)) {
      try Question(parsing: #""a" "b”"#)
    }
    #expect(QuestionError.unclosedQuote(character: 3).description.contains("character 3"))
  }

  @Test func emptyAndEndlessQuestionsAreRefused() {
    for text in ["", "  \n", "\u{3000}", #""""#, #""  ""#] {
      #expect(throws: QuestionError.empty) { try Question(parsing: text) }
    }
    let long = String(repeating: "word ", count: 100_000)
    for parse in [{ try Question(parsing: $0) }, { try Question(plain: $0) }] {
      #expect(throws: QuestionError.tooLong(bytes: 500_000, limit: 65_536)) { try parse(long) }
    }
  }

  @Test func plainQuestionsAreAsTheyAre() throws {
    #expect(try Question(plain: #"a "b c"#) == Question(text: #"a "b c"#))
    #expect(throws: QuestionError.empty) { try Question(plain: " ") }
  }

  @Test func mutatedQuestionsAreReadOrRefused() {
    var random = SeededGenerator(seed: 5)
    let pieces = ["\"", "\\", "“", "”", "„", "a", "é", " ", "中", "\u{301}", "\u{0}", "😀", "\r\n"]
    for _ in 0..<20_000 {
      let text = (0..<Int.random(in: 0..<12, using: &random))
        .map { _ in pieces.randomElement(using: &random)! }.joined()
      do throws(QuestionError) {
        let question = try Question(parsing: text)
        #expect(question.text.contains { !$0.isWhitespace })
        // No letter is lost.
        #expect(
          question.text.unicodeScalars.count { $0 == "中" }
            == text.unicodeScalars.count { $0 == "中" })
        for phrase in question.phrases { #expect(!phrase.isEmpty) }
      } catch {
        #expect(!error.description.contains("\n"))
      }
    }
  }
}
