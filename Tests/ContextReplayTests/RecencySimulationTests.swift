import SeededRandom
import Testing

@testable import ContextReplay

@Suite struct RecencySimulationTests {
  /// The same cache in the plainest way: a list of prefixes, the one used last at its end.
  private struct PlainCache {
    let capacity: Int
    let blockTokens: Int
    var prefixes: [[Int32]] = []

    mutating func play(_ tokens: [Int32]) -> Int {
      let prompt = (0..<(tokens.count / blockTokens)).map {
        Array(tokens[..<(($0 + 1) * blockTokens)])
      }
      let hits = prompt.prefix { prefixes.contains($0) }.count
      for prefix in prompt.reversed() {
        prefixes.removeAll { $0 == prefix }
        prefixes.append(prefix)
        if prefixes.count > capacity { prefixes.removeFirst() }
      }
      return hits * blockTokens
    }
  }

  private func prompts(_ count: Int, seed: UInt64) -> [[Int32]] {
    var generator = SeededGenerator(seed: seed)
    return (0..<count).map { _ in
      // Few different tokens, so that prompts share beginnings of any length.
      (0..<Int.random(in: 0...40, using: &generator)).map { _ in
        Int32.random(in: 0...10, using: &generator) == 0 ? 1 : 0
      }
    }
  }

  @Test(arguments: [0, 1, 2, 5, 13, 1000])
  func hitsAreThoseOfAPlainList(capacity: Int) {
    var simulation = RecencySimulation(capacity: capacity, blockTokens: 3)
    var plain = PlainCache(capacity: capacity, blockTokens: 3)
    for prompt in prompts(400, seed: UInt64(capacity)) {
      #expect(simulation.play(prompt) == plain.play(prompt))
    }
  }

  @Test func withoutALimitAllThatWasSeenIsFound() {
    var simulation = RecencySimulation(capacity: nil, blockTokens: 4)
    var seen: Set<[Int32]> = [[]]
    for prompt in prompts(500, seed: 3) {
      let longest = stride(from: prompt.count / 4 * 4, through: 0, by: -4).first {
        seen.contains(Array(prompt[..<$0]))
      }
      #expect(simulation.play(prompt) == longest)
      for end in stride(from: 0, through: prompt.count, by: 4) {
        seen.insert(Array(prompt[..<end]))
      }
    }
    #expect(simulation.evictedBlocks == 0)
  }
}
