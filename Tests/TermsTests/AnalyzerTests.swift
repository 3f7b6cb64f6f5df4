import Dispatch
import Terms
import Testing

@Suite struct AnalyzerTests {
  private func terms(_ text: String, stem: String? = nil) throws -> [String] {
    try Analyzer(stem: stem).terms(of: text).map { String(decoding: $0, as: UTF8.self) }
  }

  @Test func termsComeInOrderAndAgain() throws {
    #expect(try terms("The Café, the café") == ["the", "cafe", "the", "cafe"])
    #expect(try terms("Running runs", stem: "en") == ["run", "run"])
    #expect(try terms("?!").isEmpty)
  }

  @Test func placesAreThoseOfTheWords() throws {
    let text = "Größe «中文» x"
    let places = try Analyzer().places(in: text)
    let found = places.map { String(decoding: Array(text.utf8)[$0.range], as: UTF8.self) }
    #expect(found == ["Größe", "中文", "x"])
    #expect(places.map { String(decoding: $0.term, as: UTF8.self) } == ["grosse", "中文", "x"])
  }

  @Test func manyThreadsAskAtOnce() throws {
    let analyzer = try Analyzer(stem: "en")
    let texts = (0..<200).map { "words number \($0) running 北京 naïve" }
    let expected = texts.map { analyzer.terms(of: $0) }
    let results = Results(count: texts.count)
    DispatchQueue.concurrentPerform(iterations: texts.count) { index in
      results.set(index, analyzer.terms(of: texts[index]))
    }
    #expect(results.all == expected)
  }
}
