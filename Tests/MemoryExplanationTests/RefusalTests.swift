import Addressing
import NgramCounts
import Testing

@testable import MemoryExplanation

@Suite struct RefusalTests {
  private let fixture: ExplanationFixture

  init() throws { fixture = try ExplanationFixture() }

  @Test func textsThatCannotBeExplainedAreRefused() throws {
    var explainer = try Explainer(fixture.hashedTable(), tokenizer: fixture.tokenizer)
    #expect(throws: ExplanationError.noTokens) { try explainer.explain("") }
    #expect(throws: ExplanationError.notUTF8(offset: 2)) {
      try explainer.explain(utf8: [97, 98, 0xC3, 0x28])
    }
    explainer.limits.tokens = 5
    #expect(throws: ExplanationError.tooLong(tokens: 6, limit: 5)) {
      try explainer.explain("abcdef")
    }
    #expect(try explainer.explain("abcde").tokens.count == 5)
  }

  @Test func anotherTokenizerIsRefused() throws {
    let other = try ExplanationFixture.byteTokenizer(adding: ["ab"])
    #expect(throws: AddressingError.self) {
      try Explainer(fixture.hashedTable(), tokenizer: other)
    }
    let (exact, _) = try fixture.exactTable()
    #expect(throws: ExplanationError.self) { try Explainer(exact, tokenizer: other) }
  }

  @Test func countsOfOtherNumbersAreRefused() throws {
    var explainer = try Explainer(fixture.hashedTable(), tokenizer: fixture.tokenizer)
    #expect {
      try explainer.use(fixture.counts(mapped: false))
    } throws: { error in
      if case .otherTokenRule? = error as? ExplanationError { true } else { false }
    }
    #expect(explainer.counts == nil)
  }
}
