import SeededRandom
import Testing

@testable import KneserNey

@Suite struct UnigramModelTests {
  @Test func probabilitiesSumToOneAndFollowTheCounts() throws {
    var random = SeededGenerator(seed: 31)
    for vocabulary in [1, 2, 50, 1000] {
      let documents = madeDocuments(300, vocabulary: vocabulary, longest: 50, using: &random)
      let model = try withBuffers(documents) {
        try UnigramModel(documents: $0, vocabulary: vocabulary)
      }
      let ids = 0..<Int32(vocabulary)
      let probabilities = ids.map(model.probability)
      #expect(abs(probabilities.reduce(0, +) - 1) < 1e-12)
      #expect(probabilities.allSatisfy { $0 > 0 })
      let counts = ids.map { id in
        documents.reduce(0) { $0 + $1.dropFirst().count { $0 == id } }
      }
      for (one, other) in zip(ids, ids.dropFirst()) where counts[Int(one)] > counts[Int(other)] {
        #expect(model.probability(of: one) > model.probability(of: other))
      }
    }
  }

  @Test func ofNothingEveryTokenIsEquallyProbable() throws {
    let model = try withBuffers([[3]]) { try UnigramModel(documents: $0, vocabulary: 8) }
    #expect((0..<Int32(8)).allSatisfy { model.probability(of: $0) == 0.125 })
    #expect(model.probability(of: 8) == 0 && model.probability(of: -1) == 0)
  }

  @Test func tokensOutsideOfTheVocabularyAreRefused() throws {
    #expect(throws: KneserNeyError.tokenOutOfRange(token: 8, vocabulary: 8)) {
      try withBuffers([[8]]) { try UnigramModel(documents: $0, vocabulary: 8) }
    }
  }
}
