import RankingMeasures
import SeededRandom
import Testing

/// Files of TREC, as programs write them and as nobody should.
@Suite struct RankingFileTests {
  @Test func judgmentsAreRead() throws {
    let qrels = try read(qrels: "\u{FEFF}1 0 a 2\r\n\n2\t0\tb\t-1 \n  1 Q0 http://x/?a=é%20 1")
    #expect(qrels.questions == ["1", "2"])
    #expect(qrels.relevance(of: "a", to: "1") == 2)
    #expect(qrels.relevance(of: "http://x/?a=é%20", to: "1") == 1)
    #expect(qrels.relevance(of: "b", to: "2") == -1)
    #expect(qrels.relevance(of: "a", to: "2") == 0)
    #expect(qrels.relevance(of: "a", to: "3") == 0)
  }

  @Test func idsAreComparedByTheirBytes() throws {
    let qrels = try read(qrels: "q 0 \u{E9} 1\nq 0 e\u{301} 2\n")
    #expect(qrels.relevance(of: "\u{E9}", to: "q") == 1)
    #expect(qrels.relevance(of: "e\u{301}", to: "q") == 2)
  }

  @Test func answersAreOrderedByScoreThenRankThenLine() throws {
    let run = """
      q Q0 third 9 1.5 tag
      p Q0 only 1 -1e-3 tag
      q Q0 fifth 3 0.5 tag
      q Q0 first 7 2e1 tag
      q Q0 fourth 3 0.5 tag
      q Q0 second 8 1.5 tag
      """
    let rankings = try RunFile.rankings(parsing: Array(run.utf8), file: "run")
    #expect(rankings.map(\.question) == ["q", "p"])
    #expect(rankings[0].documents.map(\.name) == ["first", "second", "third", "fifth", "fourth"])
    #expect(rankings[0].documents.map(\.score) == [20, 1.5, 1.5, 0.5, 0.5])
  }

  @Test(arguments: [
    ("1 0 a 1\n1 0 a", RankingFileError.fieldCount(file: "f", line: 2, found: 3, format: "")),
    ("\n\n1 0 a b 1", .fieldCount(file: "f", line: 3, found: 5, format: "")),
    ("1 0 a 1.5", .notANumber(file: "f", line: 1, field: "relevance", expected: "")),
    ("1 0 a 2147483648", .notANumber(file: "f", line: 1, field: "relevance", expected: "")),
    ("1 0 a 1\n1 0 a 1\n1 0 a 2", .judgedTwice(file: "f", line: 3, question: "1", document: "a")),
  ])
  func brokenJudgmentsAreRefused(text: String, error: RankingFileError) {
    expect(error) { _ = try read(qrels: text) }
  }

  @Test(arguments: [
    ("q Q0 a 1 1", RankingFileError.fieldCount(file: "f", line: 1, found: 5, format: "")),
    ("q Q0 a 1 1 t t", .fieldCount(file: "f", line: 1, found: 7, format: "")),
    ("q Q0 a x 1 t", .notANumber(file: "f", line: 1, field: "rank", expected: "")),
    (
      "q Q0 a 99999999999999999999 1 t",
      .notANumber(file: "f", line: 1, field: "rank", expected: "")
    ),
    ("q Q0 a 1 nan t", .notANumber(file: "f", line: 1, field: "score", expected: "")),
    ("q Q0 a 1 1e999 t", .notANumber(file: "f", line: 1, field: "score", expected: "")),
    (
      "q Q0 a 1 1 t\np Q0 a 1 1 t\nq Q0 a 2 1 t",
      .rankedTwice(file: "f", line: 3, question: "q", document: "a")
    ),
  ])
  func brokenRunsAreRefused(text: String, error: RankingFileError) {
    expect(error) { _ = try RunFile.rankings(parsing: Array(text.utf8), file: "f") }
  }

  @Test func whatIsNotUTF8IsRefusedByLine() {
    expect(.notUTF8(file: "f", line: 2)) {
      _ = try Qrels(parsing: Array("1 0 a 1\n1 0 ".utf8) + [0xFF, 0x20, 0x31], file: "f")
    }
  }

  @Test func errorsAreOneHarmlessLine() {
    let name = "\u{1B}[2J\n" + String(repeating: "x", count: 500)
    let error = RankingFileError.rankedTwice(file: "f", line: 1, question: name, document: name)
    #expect(
      !error.description.unicodeScalars.contains { $0.properties.generalCategory == .control })
    #expect(error.description.count < 400)
  }

  @Test(arguments: 0..<300)
  func anyBytesAreReadOrRefused(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    let pieces: [[UInt8]] =
      ["1", "0", " ", "\t", "\n", "\r\n", "q", "Q0", "-", "1e9", "é", "\0"]
      .map { Array($0.utf8) } + [[0xFF], [0xE2, 0x80], [0xEF, 0xBB, 0xBF]]
    let bytes = (0..<Int.random(in: 0...120, using: &random)).flatMap { _ in
      pieces.randomElement(using: &random) ?? []
    }
    for parse in [
      { _ = try Qrels(parsing: bytes, file: "f") },
      { _ = try RunFile.rankings(parsing: bytes, file: "f") },
    ] {
      do { try parse() } catch { #expect(error is RankingFileError) }
    }
  }

  private func read(qrels text: String) throws -> Qrels {
    try Qrels(parsing: Array(text.utf8), file: "f")
  }

  /// Expects this error, whatever its words about the format.
  private func expect(_ expected: RankingFileError, _ body: () throws -> Void) {
    #expect {
      try body()
    } throws: { error in
      guard let error = error as? RankingFileError else { return false }
      switch (error, expected) {
      case (.fieldCount(let file, let line, let found, _), .fieldCount(let f, let l, let n, _)):
        return (file, line, found) == (f, l, n)
      case (.notANumber(let file, let line, let field, _), .notANumber(let f, let l, let n, _)):
        return (file, line, field) == (f, l, n)
      default:
        return error == expected
      }
    }
  }
}
