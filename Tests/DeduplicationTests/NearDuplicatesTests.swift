import SeededRandom
import Testing

@testable import Deduplication

@Suite struct NearDuplicatesTests {
  @Test func editedCopiesAreFoundAndOtherTextsAreNot() throws {
    var texts = SyntheticTexts(seed: 1)
    var seen = try NearDuplicates(memory: 1 << 20)
    let originals = (0..<150).map { _ in texts.words(300) }
    for (number, words) in originals.enumerated() {
      #expect(seen.insert(signature(words), number: number) == nil)
    }
    for (number, words) in originals.enumerated() {
      #expect(seen.insert(signature(words), number: 1_000) == number)
      // About 295 of 305 5-grams stay.
      var edited = words
      edited[number] = texts.word()
      #expect(seen.insert(signature(edited), number: 1_000) == number)
      #expect(seen.insert(signature(texts.edit(words, rate: 0.2)), number: 1_000 + number) == nil)
    }
    #expect(seen.count == 300 && seen.forgotten == 0)
  }

  /// Against exact similarities: what is clearly above the threshold is found, what is clearly below
  /// is not, and in between the estimate decides.
  @Test(arguments: [0.5, 0.8, 0.9]) func recallAndPrecisionAtTheThreshold(threshold: Double) throws
  {
    var texts = SyntheticTexts(seed: UInt64(threshold * 100))
    var above = (found: 0, all: 0)
    var below = (found: 0, all: 0)
    for trial in 0..<500 {
      let words = texts.words(120)
      let edited = texts.edit(words, rate: Double(trial % 50) * 0.004)
      let exact = SyntheticTexts.similarity(words, edited)
      var seen = try NearDuplicates(threshold: threshold, memory: 1 << 16)
      _ = seen.insert(signature(words), number: 0)
      let found = seen.insert(signature(edited), number: 1) == 0
      if exact >= threshold + 0.08 { above = (above.found + (found ? 1 : 0), above.all + 1) }
      if exact <= threshold - 0.12 { below = (below.found + (found ? 1 : 0), below.all + 1) }
    }
    #expect(above.all >= 20 && below.all >= 50)
    #expect(Double(above.found) >= 0.97 * Double(above.all), "\(above)")
    #expect(Double(below.found) <= 0.02 * Double(below.all), "\(below)")
  }

  @Test func thresholdOneFindsOnlyTheSameShingles() throws {
    var texts = SyntheticTexts(seed: 3)
    var seen = try NearDuplicates(threshold: 1, memory: 1 << 16)
    let words = texts.words(60)
    #expect(seen.insert(signature(words), number: 7) == nil)
    #expect(seen.insert(signature(texts.edit(words, rate: 0.1)), number: 8) == nil)
    #expect(seen.insert(signature(words), number: 9) == 7)
  }

  @Test func theMostAlikeIsNamed() throws {
    var texts = SyntheticTexts(seed: 12)
    var seen = try NearDuplicates(threshold: 0.5, memory: 1 << 18)
    let words = texts.words(400)
    var far = words
    for index in stride(from: 0, to: 400, by: 20) { far[index] = texts.word() }
    var near = words
    near[200] = texts.word()
    // Both stay: they are less alike than a stricter threshold asks.
    var strict = try NearDuplicates(threshold: 0.95, memory: 1 << 18)
    #expect(strict.insert(signature(far), number: 3) == nil)
    #expect(strict.insert(signature(near), number: 4) == nil)
    #expect(seen.insert(signature(far), number: 3) == nil)
    #expect(seen.insert(signature(words), number: 5) == 3)
    #expect(strict.insert(signature(words), number: 5) == 4)
  }

  /// The set answers as a list of the same documents does that is searched from end to end.
  @Test func answersFollowTheSignatures() throws {
    var texts = SyntheticTexts(seed: 5)
    var seen = try NearDuplicates(threshold: 0.6, memory: 1 << 20)
    var kept: [(number: Int, signature: MinHashSignature)] = []
    var pool = (0..<15).map { _ in texts.words(80) }
    var found = 0
    var missed = 0
    for number in 0..<400 {
      pool[number % 15] = texts.edit(pool[number % 15], rate: 0.04)
      let signature = signature(pool[number % 15])
      let best = kept.map { ($0.signature.similarity(to: signature), $0.number) }
        .max { ($0.0, -$0.1) < ($1.0, -$1.1) }
      let answer = seen.insert(signature, number: number)
      if let answer {
        found += 1
        #expect(
          kept.contains { $0.number == answer && $0.signature.similarity(to: signature) >= 0.6 })
        if let best, answer == best.1 { continue }
        missed += 1
      } else {
        if let best, best.0 >= 0.6 { missed += 1 }
        kept.append((number, signature))
      }
    }
    #expect(found > 100 && kept.count > 50)
    #expect(missed * 50 < found)
  }

  @Test func memoryIsBoundedAndTheOldestAreForgotten() throws {
    var random = SeededGenerator(seed: 6)
    let memory = 200_000
    var seen = try NearDuplicates(threshold: 0.8, memory: memory)
    let signatures = (0..<seen.capacity * 5 + 3).map { _ in
      MinHashSignature(values: (0..<128).map { _ in UInt16.random(in: 0...(.max), using: &random) })
    }
    #expect(seen.capacity > 150)
    for (number, signature) in signatures.enumerated() {
      #expect(seen.insert(signature, number: number) == nil)
      #expect(seen.memory <= memory)
      #expect(seen.count + seen.forgotten == number + 1)
      let recent = max(0, number - seen.capacity + 1)
      #expect(seen.insert(signatures[recent], number: -1) == recent)
    }
    #expect(seen.forgotten > 0 && seen.count <= 2 * seen.capacity)
    #expect(seen.insert(signatures[0], number: -1) == nil)
  }

  /// Thousands of documents that share bands, as those of one template do, cost no more each.
  @Test func templatesDoNotMakeItSlow() throws {
    var random = SeededGenerator(seed: 7)
    var seen = try NearDuplicates(threshold: 0.8, memory: 4 << 20)
    let template = (0..<128).map { _ in UInt16.random(in: 0...(.max), using: &random) }
    for number in 0..<1_500 {
      var values = template
      for index in 30..<128 { values[index] = UInt16.random(in: 0...(.max), using: &random) }
      #expect(seen.insert(MinHashSignature(values: values), number: number) == nil)
      #expect(seen.insert(MinHashSignature(values: values), number: -1) == number)
    }
    #expect(seen.count == 1_500)
  }

  @Test func bandsFitTheThreshold() {
    #expect(Banding(threshold: 0.8).rows == 7 && Banding(threshold: 0.8).bands == 18)
    for percent in 1...100 {
      let banding = Banding(threshold: Double(percent) / 100)
      #expect(banding.rows >= 1 && banding.rows * banding.bands <= 128)
    }
    #expect(Banding(threshold: 0.01).rows == 1)
  }

  @Test func thresholdsAndMemoriesOfNoUseAreRefused() {
    for threshold in [0, -1, 1.01, .nan, .infinity] {
      #expect(throws: DeduplicationError.thresholdOutOfRange("\(threshold)")) {
        try NearDuplicates(threshold: threshold, memory: 1 << 20)
      }
    }
    #expect(throws: DeduplicationError.memoryTooSmall(bytes: 65_535, needed: 65_536)) {
      try NearDuplicates(memory: 65_535)
    }
    #expect(throws: DeduplicationError.self) { try NearDuplicates(memory: -5) }
  }
}
