import Bitsets
import SeededRandom
import Testing

@Suite struct BitsetTests {
  @Test func holdsWhatASetHolds() {
    var random = SeededGenerator(seed: 1)
    for count in [0, 1, 63, 64, 65, 1000] {
      var bits = Bitset(count: count)
      var numbers = Set<Int>()
      for _ in 0..<count {
        let number = Int.random(in: 0..<count, using: &random)
        switch Int.random(in: 0..<3, using: &random) {
        case 0:
          bits.insert(number)
          numbers.insert(number)
        case 1:
          bits.remove(number)
          numbers.remove(number)
        default:
          let end = Int.random(in: number...min(count, number + 200), using: &random)
          bits.insert(contentsOf: number..<end)
          numbers.formUnion(number..<end)
        }
      }
      #expect((0..<count).filter(bits.contains) == numbers.sorted())
      #expect(bits.population == numbers.count)
      var found: [Int] = []
      bits.forEach { found.append($0) }
      #expect(found == numbers.sorted())
    }
  }

  @Test func filledSetsHaveNoBitsPastTheirEnd() {
    for count in [0, 1, 64, 100] {
      let all = Bitset(count: count, filled: true)
      #expect(all.population == count)
      var some = Bitset(count: count)
      some.formUnion(all)
      #expect(some == all)
      some.formIntersection(Bitset(count: count))
      #expect(some.population == 0)
    }
  }
}
