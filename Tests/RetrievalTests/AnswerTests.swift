import Datasets
import Files
import Questions
import Testing

@testable import Retrieval

@Suite struct AnswerTests {
  private static let documents = [
    RetrievalFixture.Document(
      metadata: #"{"id":"guide/cats.md","year":2019,"lang":"en"}"#,
      text: "# Of cats\n\nCats sleep most of the day. A cat purrs.\n\nDogs bark at cats."),
    RetrievalFixture.Document(
      metadata: #"{"id":"guide/dogs.md","year":2021,"lang":"en"}"#,
      text: "# Of dogs\n\nDogs bark. The dog sleeps at night, as cats do by day."),
    RetrievalFixture.Document(
      metadata: #"{"id":"notes/tiere.md","year":2021,"lang":"de"}"#,
      text: "Katzen schlafen. Hunde bellen, Katzen nicht."),
    RetrievalFixture.Document(metadata: "{}", text: "猫在睡觉。狗在叫。"),
  ]

  private func fixture(stem: String? = nil) throws -> RetrievalFixture {
    let fixture = try RetrievalFixture()
    try fixture.publish(Self.documents)
    try fixture.build(options: IndexOptions(stem: stem, passageTokens: 12))
    return fixture
  }

  @Test func passagesAreCited() throws {
    let found = try fixture().answer("purrs")
    #expect(found.count == 1)
    let passage = try #require(found.first)
    #expect(passage.dataset == DatasetReference(name: "d", version: 1))
    #expect(passage.sample == 0 && passage.source == "guide/cats.md")
    #expect(passage.title == "Of cats" && passage.id == "guide/cats.md")
    let text = Array(Self.documents[0].text.utf8)
    #expect(passage.text == String(decoding: text[passage.range], as: UTF8.self))
    #expect(passage.text.contains("A cat purrs."))
  }

  @Test func conditionsChooseDocuments() throws {
    let fixture = try fixture()
    func sources(_ conditions: [String]) throws -> Set<String> {
      Set(try fixture.answer("cats dogs katzen", where: conditions).map(\.source))
    }
    #expect(try sources([]) == ["guide/cats.md", "guide/dogs.md", "notes/tiere.md"])
    #expect(try sources(["path=guide/*"]) == ["guide/cats.md", "guide/dogs.md"])
    #expect(try sources(["year>2020"]) == ["guide/dogs.md", "notes/tiere.md"])
    #expect(try sources(["year>2020", "lang!=de"]) == ["guide/dogs.md"])
    #expect(try sources(["year<1900"]) == [])
    #expect(throws: RetrievalError.self) { try sources(["colour=red"]) }
  }

  @Test func phrasesHaveToBeThere() throws {
    let fixture = try fixture()
    #expect(try fixture.answer("\"dogs bark\"").count == 2)
    #expect(try fixture.answer("\"bark dogs\"").isEmpty)
    #expect(try fixture.answer("\"dogs bark\" cats", limit: 1).first?.sample == 0)
  }

  @Test func stemsMeetEachOther() throws {
    #expect(try fixture().answer("sleeping").isEmpty)
    #expect(try fixture(stem: "en").answer("sleeping").count == 2)
  }

  @Test func chineseWordsAreFound() throws {
    let found = try fixture().answer("猫 睡觉")
    #expect(found.map(\.sample) == [3])
    #expect(found.first?.source == "sample 3")
  }

  @Test func documentsHaveALimit() throws {
    let fixture = try fixture()
    let all = try fixture.answer("cats")
    #expect(all.filter { $0.sample == 0 }.count == 2)
    #expect(try fixture.answer("cats", perDocument: 1).filter { $0.sample == 0 }.count == 1)
  }

  @Test func severalDatasetsAreRankedAsOne() throws {
    let fixture = try RetrievalFixture()
    try fixture.publish(Self.documents)
    try fixture.publish(Array(Self.documents[..<2]), as: "left")
    try fixture.publish(Array(Self.documents[2...]), as: "right")
    for name in ["d", "left", "right"] { try fixture.build(name) }
    for question in ["cats", "dogs bark", "katzen day", "猫 cats"] {
      let one = try fixture.answer(question)
      let two = try fixture.answer(question, ["left", "right"])
      #expect(one.map(\.text) == two.map(\.text))
      #expect(one.map(\.score) == two.map(\.score))
      #expect(!one.isEmpty)
    }
  }

  @Test func partsOfAScoreAddUpToIt() throws {
    let fixture = try fixture()
    let answer = try Search([fixture.index()]).answer(
      SearchRequest(question: Question(parsing: "cats day purrs cats nothing")))
    #expect(!answer.hits.isEmpty)
    for hit in answer.hits {
      let parts = try answer.parts(of: hit)
      #expect(abs(parts.reduce(0) { $0 + $1.score } - hit.score) < 1e-9)
      #expect(parts.allSatisfy { $0.frequency > 0 && $0.passages > 0 })
    }
  }

  @Test func questionsWithoutAnAnswerSayWhy() throws {
    let fixture = try fixture()
    #expect(throws: RetrievalError.noWords(question: "?!")) { try fixture.answer("?!") }
    #expect(try fixture.answer("unheardof").isEmpty)
    let many = (0..<2000).map { "x\($0)" }.joined(separator: " ")
    #expect(throws: RetrievalError.tooManyWords(count: 2000, limit: 1024)) {
      try fixture.answer(many)
    }
    #expect(throws: DatasetError.noSuchDataset(name: "e", available: ["d"])) {
      try fixture.answer("cats", ["e"])
    }
    try fixture.publish([.init(metadata: "{}", text: "dogs")], as: "e")
    #expect(throws: RetrievalError.noIndex(dataset: "e", available: ["d"])) {
      try fixture.answer("cats", ["e"])
    }
    #expect(throws: RetrievalError.noIndexOfVersion(dataset: "d", version: 7, available: [1])) {
      try fixture.answer("cats", ["d@7"])
    }
  }

  @Test func documentsWithoutWordsAreNoAnswer() throws {
    let fixture = try RetrievalFixture()
    try fixture.publish([.init(metadata: "{}", text: ""), .init(metadata: "{}", text: "?!")])
    let built = try fixture.build()
    #expect(built.manifest.documents == 2 && built.manifest.passages == 0)
    #expect(try fixture.answer("cats").isEmpty)
    #expect(try fixture.answer("\"cats dogs\"").isEmpty)
    #expect(try IndexVerification(built.index, in: fixture.store()).problems == [])
    // The first words come with the next version.
    try fixture.publish([.init(metadata: "{}", text: ""), .init(metadata: "{}", text: "cats")])
    try fixture.build()
    #expect(try fixture.answer("cats").map(\.sample) == [1])
  }

  @Test func anIndexOfADroppedDatasetSaysSo() throws {
    let fixture = try fixture()
    _ = try fixture.store(.writing).dropDataset(DatasetReference(name: "d"))
    #expect {
      try fixture.answer("cats")
    } throws: { error in
      guard case RetrievalError.datasetIsGone = error else { return false }
      return true
    }
  }

  @Test func aContextKeepsToItsBudget() throws {
    let passages = try fixture().answer("cats dogs")
    #expect(passages.count >= 3)
    for limit in [1, 40, 60, 90, 200, 1000] {
      let context = try PromptContext(passages, limit: limit, tokenizer: nil)
      #expect(context.tokens <= limit)
      #expect(context.tokens == (context.text.utf8.count + 2) / 3)
      for (index, passage) in context.passages.enumerated() {
        #expect(context.text.contains("[\(index + 1)] \(passage.title) (\(passage.source), d@1"))
      }
    }
    let whole = try PromptContext(passages, limit: 10_000, tokenizer: nil)
    #expect(whole.passages == passages)
    #expect(passages.allSatisfy { whole.text.contains($0.text) })
    let cut = try PromptContext(passages, limit: whole.tokens - 3, tokenizer: nil)
    #expect(cut.text.hasSuffix(" …\n"))
  }
}
