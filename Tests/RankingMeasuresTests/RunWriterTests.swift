import RankingMeasures
import SeededRandom
import Testing

/// What is written is read again, in the same order, by score alone.
@Suite struct RunWriterTests {
  @Test func linesHaveSixFields() {
    let ranking = Ranking(
      question: "q 1", documents: [("a\u{3000}b", 2.5), ("c%20", -1), ("", -3)])
    #expect(
      RunWriter(tag: "my run").lines(of: ranking) == """
        q%201 Q0 a%E3%80%80b 1 2.5 my%20run
        q%201 Q0 c%20 2 -1.0 my%20run
        q%201 Q0 % 3 -3.0 my%20run

        """)
  }

  @Test func equalScoresAreWrittenInOrder() throws {
    let scores: [Double] = [.infinity, 1e300, 7, 7, 7.000000001, 0, 0, -0.0, -.infinity, .nan, 3]
    let ranking = Ranking(
      question: "q", documents: scores.enumerated().map { ("d\($0.offset)", $0.element) })
    let read = try read(RunWriter(tag: "t").lines(of: ranking))
    #expect(read[0].documents.map(\.name) == ranking.documents.map(\.name))
    for (above, below) in zip(read[0].documents, read[0].documents.dropFirst()).dropLast(2) {
      #expect(Float(above.score) > Float(below.score))
    }
  }

  @Test(arguments: 0..<100)
  func whatIsWrittenIsReadAgain(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    let letters = Array("aé中%_/:\u{A0}\u{85}\n\t \u{0}\u{2028}e\u{301}".unicodeScalars)
    var names: Set<String> = []
    while names.count < 20 {
      var name = String.UnicodeScalarView()
      for _ in 0..<Int.random(in: 1...9, using: &random) {
        name.append(letters.randomElement(using: &random) ?? "a")
      }
      names.insert(RunWriter.field(String(name)))
    }
    let documents = names.map {
      (name: $0, score: Double(Float.random(in: -9...9, using: &random)))
    }
    .sorted { $0.score > $1.score }
    let ranking = Ranking(question: "\n", documents: documents)
    let read = try read(RunWriter(tag: "t").lines(of: ranking))
    #expect(read == [Ranking(question: "%0A", documents: documents)])
  }

  @Test func anIdWithoutWhiteSpaceStaysAsItIs() {
    for name in ["http://x/%C3%A9?a=b#c", "é", "中文", "a%20b"] {
      #expect(RunWriter.field(name) == name)
    }
  }

  private func read(_ lines: String) throws -> [Ranking] {
    try RunFile.rankings(parsing: Array(lines.utf8), file: "run")
  }
}
