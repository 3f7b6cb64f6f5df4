import Datasets
import Files
import SeededRandom
import Testing

@testable import Retrieval

@Suite struct UpdateTests {
  private func answers(_ fixture: RetrievalFixture, _ reference: String) throws -> [[PlainPassage]]
  {
    var random = SeededGenerator(seed: 5)
    let search = Search([try fixture.index(reference)])
    return try (0..<150).map { number in
      let words = (0..<Int.random(in: 1...5, using: &random)).map { _ in
        "w\(Int.random(in: 1...300, using: &random))"
      }
      let question = number % 5 == 0 ? "\"\(words[0])\" w2" : words.joined(separator: " ")
      return try RetrievalFixture.answer(
        question, search, limit: 20, perDocument: number % 3,
        where: number % 4 == 0 ? ["year>=2010"] : []
      ).map(PlainPassage.init)
    }
  }

  @Test func anIndexOfWhatChangedAnswersAsAFreshOne() throws {
    let fixture = try RetrievalFixture()
    var random = SeededGenerator(seed: 6)
    var documents = RetrievalFixture.documents(300, seed: 7)
    try fixture.publish(documents)
    let first = try fixture.build()
    #expect(first.base == nil && first.indexed == 300)
    for version in 2...9 {
      // Some are edited, some go, some come, some move; equal ones come twice.
      for _ in 0..<version * 3 {
        let at = Int.random(in: 0..<documents.count, using: &random)
        switch Int.random(in: 0..<4, using: &random) {
        case 0: documents[at].text += " w\(Int.random(in: 1...300, using: &random))"
        case 1: documents.remove(at: at)
        case 2: documents.insert(documents[at], at: 0)
        default: documents.swapAt(at, 0)
        }
      }
      if version == 5 { documents.removeFirst(120) }
      try fixture.publish(documents)
      let changed = try fixture.build()
      #expect(changed.base == version - 1)
      #expect(changed.indexed < documents.count)
      let shared = try answers(fixture, "d")
      let fresh = try fixture.build(isFresh: true)
      #expect(fresh.base == nil && fresh.indexed == documents.count)
      #expect(fresh.manifest.passages == changed.manifest.passages)
      #expect(fresh.manifest.words == changed.manifest.words)
      #expect(changed.manifest.segments.count <= Compaction.segments)
      #expect(fresh.manifest.textBytes == changed.manifest.textBytes)
      let expected = try answers(fixture, "d")
      #expect(shared == expected)
      #expect(expected.contains { $0.count == 20 })
      // The next one builds on segments of several versions.
      _ = try fixture.store(.writing).dropIndexes(
        DatasetReference(name: "d", version: version))
      _ = try fixture.build()
      #expect(try answers(fixture, "d") == expected)
      for index in try fixture.store().publishedIndexes() {
        #expect(try IndexVerification(index, in: fixture.store()).problems == [])
      }
    }
  }

  @Test func anIndexThatIsThereIsNotMadeAgain() throws {
    let fixture = try RetrievalFixture()
    try fixture.publish(RetrievalFixture.documents(30, seed: 8))
    let first = try fixture.build()
    let second = try fixture.build()
    #expect(second.wasThere && second.index == first.index)
    let other = try fixture.build(options: IndexOptions(stem: "en", passageTokens: 20))
    #expect(!other.wasThere && other.index != first.index)
    #expect(try fixture.store().publishedIndexes() == [other.index])
  }

  @Test func droppingOneIndexLeavesWhatOthersShare() throws {
    let fixture = try RetrievalFixture()
    var documents = RetrievalFixture.documents(60, seed: 9)
    try fixture.publish(documents)
    try fixture.build()
    documents[3].text += " w7"
    try fixture.publish(documents)
    try fixture.build()
    let before = try fixture.answer("w7 w30", ["d@2"])
    _ = try fixture.store(.writing).dropIndexes(DatasetReference(name: "d", version: 1))
    #expect(try fixture.answer("w7 w30", ["d@2"]) == before)
    #expect(!before.isEmpty)
    _ = try fixture.store(.writing).dropIndexes(DatasetReference(name: "d"))
    // The mark of the writer aside, no folder is left.
    #expect(try DurableFile.names(in: fixture.path + "/tables").isEmpty)
    #expect(throws: RetrievalError.self) { try fixture.index("d") }
  }

  @Test func stoppedAtAnyMomentNothingHasChanged() throws {
    struct Stopped: Error {}
    let fixture = try RetrievalFixture()
    var documents = RetrievalFixture.documents(80, seed: 10)
    try fixture.publish(documents)
    let old = try fixture.build()
    for index in 0..<40 { documents[index].text += " w9" }
    try fixture.publish(documents)
    var calls = 0
    while true {
      let counter = Counter(stopAt: calls)
      do {
        let result = try fixture.build(threads: 1) { _ in
          if counter.next() { throw Stopped() }
        }
        #expect(result.index.version == 2)
        break
      } catch is Stopped {
        #expect(try fixture.store().publishedIndexes() == [old.index])
        #expect(try DurableFile.names(in: fixture.path + "/tmp").isEmpty)
        calls += 1
      }
    }
    #expect(calls >= 4)
  }

  /// Says when the call of some number comes. One thread at a time.
  private final class Counter: @unchecked Sendable {
    private var rest: Int
    init(stopAt rest: Int) { self.rest = rest }
    func next() -> Bool {
      rest -= 1
      return rest == -1
    }
  }
}
