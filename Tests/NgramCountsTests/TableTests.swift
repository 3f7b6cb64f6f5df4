import CKernels
import SeededRandom
import Testing

@testable import NgramCounts

/// The hash table of the kernel against a dictionary, and its order against sorting.
@Suite struct TableTests {
  @Test(arguments: [(1, 1), (3, 17), (4, 16), (4, 17), (8, 8), (8, 16), (7, 17), (8, 24), (5, 24)])
  func aTableCountsAndSorts(order: Int, bits: Int) throws {
    var generator = SeededGenerator(seed: UInt64(order * 100 + bits))
    let tokens = (0..<4000).map { index in
      // Stretches that repeat, and tokens with all bits set.
      index % 3 == 0
        ? UInt32(1) << UInt32(bits) - 1
        : UInt32.random(in: 0..<min(8, 1 << UInt32(bits)), using: &generator)
    }
    var expected: [[UInt32]: UInt64] = [:]
    let table = try NgramTable(order: order, bits: bits, slots: 6000)
    for part in [
      tokens[0..<1500], tokens[1500..<1500], tokens[1500..<1500 + order], tokens[2000...],
    ] {
      let part = Array(part)
      #expect(part.withUnsafeBufferPointer { table.count($0, from: 0) } == part.count)
      guard part.count >= order else { continue }
      for start in 0...part.count - order {
        expected[Array(part[start..<start + order]), default: 0] += 1
      }
    }
    let sorted = expected.sorted { $0.key.lexicographicallyPrecedes($1.key) }
    for _ in 0..<2 {
      var found: [(key: [UInt32], value: UInt64)] = []
      func drain<Key: NgramKey>(_: Key.Type) {
        table.drain(Key.self) { key, count in
          found.append(
            ((0..<order).map { key.token(after: order - 1 - $0, bits: bits) }, count))
        }
      }
      switch (order * bits + 63) / 64 {
      case 1: drain(UInt64.self)
      case 2: drain(UInt128.self)
      default: drain(WideKey.self)
      }
      #expect(found.map(\.key) == sorted.map(\.key) && found.map(\.value) == sorted.map(\.value))
      // Emptied, it counts as if new.
      #expect(table.isEmpty)
      let part = Array(tokens[0..<1500])
      _ = part.withUnsafeBufferPointer { table.count($0, from: 0) }
      if part.count >= order { expected = [:] }
      for start in 0...part.count - order {
        expected[Array(part[start..<start + order]), default: 0] += 1
      }
      let again = expected.sorted { $0.key.lexicographicallyPrecedes($1.key) }
      found = []
      switch (order * bits + 63) / 64 {
      case 1: drain(UInt64.self)
      case 2: drain(UInt128.self)
      default: drain(WideKey.self)
      }
      #expect(found.map(\.key) == again.map(\.key) && found.map(\.value) == again.map(\.value))
      break
    }
  }

  @Test func aFullTableSaysWhereItStopped() throws {
    let table = try NgramTable(order: 2, bits: 20, slots: 40)
    let tokens = (0..<1000).map { UInt32($0) }
    try tokens.withUnsafeBufferPointer { tokens in
      var start = 0
      var rounds = 0
      var counted = 0
      while start < tokens.count {
        start = table.count(tokens, from: start)
        table.drain(UInt64.self) { key, count in
          // Each pair once, in order.
          #expect(key.token(after: 1, bits: 20) == UInt32(counted) && count == 1)
          counted += 1
        }
        rounds += 1
        try #require(rounds < 100)
      }
      #expect(counted == 999 && rounds == 34)
    }
  }
}
