import Addressing
import SeededRandom
import Testing

@testable import MemoryExplanation

@Suite struct ColumnHashTests {
  @Test(arguments: [
    Addressing.BoundaryRule.sequenceStart(padTokenID: 0), .segmentStart(padTokenID: 0),
    .endOfSequence(tokenID: 3),
  ])
  func rowsAreTheHashersAtTheLastToken(boundary: Addressing.BoundaryRule) throws {
    let addressing = try Addressing(
      preset: "test", layer: 0, bucketSizes: [[101, 103], [107, 109], [113, 127]],
      multipliers: [1_000_003, 998_244_353, 7_777_777, 12_345_677],
      tokens: .raw(vocabularySize: 10), boundary: boundary)
    let hasher = try NgramHasher(addressing)
    var random = SeededGenerator(seed: 3)
    for order in 2...4 {
      let hash = ColumnHash(addressing, order: order, edge: boundary.tokenID)
      for _ in 0..<500 {
        let tokens = (0..<order).map { _ in Int32.random(in: 0..<10, using: &random) }
        let last = try hasher.rows(for: tokens).suffix(6)
        #expect(hash.rows(of: tokens) == Array(last.dropFirst((order - 2) * 2).prefix(2)))
      }
    }
  }
}
