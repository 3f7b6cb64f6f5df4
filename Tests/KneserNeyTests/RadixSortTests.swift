import SeededRandom
import Testing

@testable import KneserNey

@Suite struct RadixSortTests {
  @Test(arguments: [0, 1, 7, 11, 12, 22, 42, 63, 64])
  func numbersOfAnyWidthComeOutInOrder(width: Int) {
    var random = SeededGenerator(seed: UInt64(width))
    for count in [0, 1, 2, 1000] {
      let numbers = (0..<count).map { _ in width == 0 ? 0 : random.next() >> UInt64(64 - width) }
      var sorted = numbers
      radixSort(&sorted)
      #expect(sorted == numbers.sorted())
    }
  }

  @Test func distinctNumbersAreCounted() {
    var random = SeededGenerator(seed: 9)
    let numbers = (0..<5000).map { _ in UInt64.random(in: 0..<700, using: &random) }.sorted()
    let counted = CountedKeys(sorted: numbers)
    var expected: [UInt64: UInt32] = [:]
    for number in numbers { expected[number, default: 0] += 1 }
    #expect(counted.keys == expected.keys.sorted())
    #expect(counted.counts == counted.keys.map { expected[$0] })
    #expect(CountedKeys(sorted: []).keys.isEmpty)
  }
}
