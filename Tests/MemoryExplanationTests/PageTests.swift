import Foundation
import Testing

@testable import MemoryExplanation

@Suite struct PageTests {
  private static let hostile =
    "</script><script>alert(1)</script><!-- \u{2028}\u{2029}<b onclick=x>&amp;\u{202E}\u{0}\""

  /// An explanation that says something hostile wherever a text may come from outside.
  private func explanation() throws -> Explanation {
    let fixture = try ExplanationFixture()
    var explainer = try Explainer(fixture.hashedTable(), tokenizer: fixture.tokenizer)
    try explainer.use(fixture.counts())
    explainer.passages = ("d@1", PlainPassages(texts: ["face \(Self.hostile) face"]))
    var explanation = try explainer.explain("face " + Self.hostile)
    explanation.memory.table = Self.hostile
    return explanation
  }

  @Test func noTextCanBecomeMarkup() throws {
    let explanation = try explanation()
    #expect(explanation.tokens.contains { $0.ngrams.contains { ($0.passages?.count ?? 0) > 0 } })
    let page = try ExplanationPage(explanation).html()
    #expect(page.components(separatedBy: "<script").count == 3)
    #expect(page.components(separatedBy: "</script").count == 3)
    #expect(!page.contains("<!--") && !page.contains("alert(1)<"))
    #expect(!page.unicodeScalars.contains("\u{2028}") && !page.unicodeScalars.contains("\u{2029}"))
    #expect(!page.contains("<b onclick"))
    #expect(!page.contains("http://") && !page.contains("https://"))
  }

  @Test func theDataInThePageAreTheExplanation() throws {
    let explanation = try explanation()
    let page = try ExplanationPage(explanation).html()
    let start = try #require(page.firstRange(of: "id=\"explanation\">")).upperBound
    let end = try #require(page[start...].firstRange(of: "</script>")).lowerBound
    let data = try #require(
      JSONSerialization.jsonObject(with: Data(page[start..<end].utf8)) as? NSDictionary)
    let plain = try JSONSerialization.jsonObject(with: JSONEncoder().encode(explanation))
    #expect(data == plain as? NSDictionary)
    #expect(data["text"] as? String == "face " + Self.hostile)
  }

  @Test func scriptsOfOthersDoNotRun() throws {
    let page = try ExplanationPage(explanation()).html()
    let policy = try #require(page.firstRange(of: "default-src 'none'"))
    let end = try #require(page[policy.upperBound...].firstIndex(of: ">"))
    let rule = page[policy.lowerBound..<end]
    #expect(rule.contains("script-src 'sha256-") && !rule.contains("http"))
    #expect(!rule.contains("'unsafe-inline'; script") || rule.contains("style-src 'unsafe-inline'"))
  }
}
