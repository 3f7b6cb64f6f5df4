import Foundation
import SeededRandom
import Testing

@testable import KneserNey

@Suite struct KneserNeyTrigramTests {
  /// Small vocabularies meet every case: known and unknown contexts, all counts, fallback discounts.
  @Test(arguments: [(1, 3, 1), (2, 12, 3), (3, 40, 7), (4, 120, 12), (5, 400, 9), (6, 0, 4)])
  func probabilitiesAreThoseOfTheFormulas(seed: UInt64, documents: Int, vocabulary: Int) throws {
    var random = SeededGenerator(seed: seed)
    let training = madeDocuments(documents, vocabulary: vocabulary, longest: 9, using: &random)
    let reference = ReferenceModel(training, vocabulary: vocabulary)
    let model = try model(of: training, vocabulary: vocabulary)
    let ids = (0..<Int32(vocabulary))
    for previous in ids {
      for beforePrevious in [nil] + ids.map(Optional.some).shuffled(using: &random).prefix(4) {
        let context = (beforePrevious.map { [$0] } ?? []) + [previous]
        for token in ids {
          let found = model.probability(of: token, after: previous, beforePrevious)
          let expected = reference.probability(of: token, after: context)
          #expect(abs(found - expected) < 1e-12, "\(token) after \(context)")
          let logarithm = model.logProbability(of: token, after: previous, beforePrevious)
          #expect(logarithm == log(found))
        }
      }
    }
  }

  @Test(arguments: 1...8 as ClosedRange<UInt64>)
  func probabilitiesOfEveryContextSumToOne(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    let vocabulary = Int.random(in: 1...60, using: &random)
    let training = madeDocuments(200, vocabulary: vocabulary, longest: 40, using: &random)
    let model = try model(of: training, vocabulary: vocabulary)
    for _ in 0..<60 {
      let previous = Int32.random(in: 0..<Int32(vocabulary), using: &random)
      let beforePrevious =
        Bool.random(using: &random)
        ? nil : Int32.random(in: 0..<Int32(vocabulary), using: &random)
      let sum = (0..<Int32(vocabulary)).reduce(0.0) {
        $0 + model.probability(of: $1, after: previous, beforePrevious)
      }
      #expect(abs(sum - 1) < 1e-11)
    }
  }

  @Test func documentsAreCountedInAnyOrder() throws {
    var random = SeededGenerator(seed: 11)
    let training = madeDocuments(100, vocabulary: 20, longest: 30, using: &random)
    let first = try model(of: training, vocabulary: 20)
    let second = try model(of: training.shuffled(using: &random), vocabulary: 20)
    for token in 0..<Int32(20) {
      for previous in 0..<Int32(20) {
        #expect(
          first.probability(of: token, after: previous, 3)
            == second.probability(of: token, after: previous, 3))
      }
    }
  }

  @Test func nothingIsLearnedAcrossTheEndOfADocument() throws {
    let apart = try model(of: [[0, 1, 2], [3, 4, 5]], vocabulary: 6)
    let together = try model(of: [[0, 1, 2, 3, 4, 5]], vocabulary: 6)
    #expect(apart.probability(of: 3, after: 2, 1) == apart.probability(of: 0, after: 2, 1))
    #expect(together.probability(of: 3, after: 2, 1) > together.probability(of: 0, after: 2, 1))
  }

  /// "San Francisco": often, and after one token only, is not a token to be expected elsewhere.
  @Test func tokensOfOneContextAreNotExpectedInOthers() throws {
    var training = [[Int32]](repeating: [1, 2, 3], count: 50)
    for other in 4..<Int32(12) { training.append([other, 13, other]) }
    let model = try model(of: training, vocabulary: 16)
    #expect(model.probability(of: 13, after: 15, nil) > model.probability(of: 3, after: 15, nil))
    #expect(model.probability(of: 3, after: 2, 1) > 0.9)
  }

  @Test func idsOutsideOfTheVocabularyAreImpossibleAndNoContext() throws {
    let model = try model(of: [[0, 1, 2, 3, 1, 2, 0]], vocabulary: 4)
    for token in [-1, 4, Int32.min, Int32.max] {
      #expect(model.logProbability(of: token, after: 0, 1) == -.infinity)
      let sum = (0..<Int32(4)).reduce(0.0) { $0 + model.probability(of: $1, after: token, token) }
      #expect(abs(sum - 1) < 1e-12)
      #expect(
        model.probability(of: 1, after: 0, token) == model.probability(of: 1, after: 0, nil))
    }
  }

  @Test func whatCannotBeCountedIsRefused() throws {
    #expect(throws: KneserNeyError.tokenOutOfRange(token: 7, vocabulary: 7)) {
      try model(of: [[0, 1], [2, 7]], vocabulary: 7)
    }
    #expect(throws: KneserNeyError.tokenOutOfRange(token: -1, vocabulary: 7)) {
      try model(of: [[-1]], vocabulary: 7)
    }
    for vocabulary in [Int.min, -1, 0, 1 << 21 + 1, .max] {
      #expect(throws: KneserNeyError.unsuitableVocabulary(vocabulary, limit: 1 << 21)) {
        try model(of: [], vocabulary: vocabulary)
      }
    }
  }

  /// The largest ids fill all 63 bits of a key.
  @Test func theLargestVocabularyIsCounted() throws {
    let last = Int32(1 << 21 - 1)
    let model = try model(
      of: [[last, last, last, 0], [0, last - 1, last]], vocabulary: 1 << 21)
    #expect(model.probability(of: last, after: last, last) > 0.1)
    #expect(model.probability(of: last, after: last - 1, 0) > 0.1)
    #expect(model.probability(of: 5, after: last - 1, 0) < 0.001)
  }

  private func model(of documents: [[Int32]], vocabulary: Int) throws -> KneserNeyTrigram {
    try withBuffers(documents) { try KneserNeyTrigram(documents: $0, vocabulary: vocabulary) }
  }
}
