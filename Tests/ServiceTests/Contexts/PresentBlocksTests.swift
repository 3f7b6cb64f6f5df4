import SeededRandom
import Testing

@testable import Service

/// What is said of blocks without reading them is what a plain list says.
struct PresentBlocksTests {
  @Test func itSaysOnlyWhatIsSo() {
    var generator = SeededGenerator(seed: 12)
    for _ in 0..<3000 {
      let count = Int.random(in: 0...9, using: &generator)
      let there = (0..<count).map { _ in Int.random(in: 0..<4, using: &generator) > 0 }
      let blocks = PresentBlocks(
        leading: there.prefix { $0 }.count, trailing: there.reversed().prefix { $0 }.count,
        present: there.count { $0 }, count: count)
      for block in -2...11 {
        let isThere = there.indices.contains(block) && there[block]
        let run = isThere ? there[block...].prefix { $0 }.count : 0
        if let said = blocks[block] { #expect(said == isThere, "\(there) \(block)") }
        if let said = blocks.run(from: block) { #expect(said == run, "\(there) \(block)") }
      }
      // A few questions are left open, and only where there are blocks between missing ones.
      let isPlain = there.drop { $0 }.reversed().drop { $0 }.allSatisfy { !$0 }
      if isPlain { #expect((0..<count).allSatisfy { blocks[$0] != nil }, "\(there)") }
    }
  }
}
