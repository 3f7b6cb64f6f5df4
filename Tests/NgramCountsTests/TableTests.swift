import SeededRandom
import Testing

@testable import NgramCounts

/// The hash table of the kernel against a dictionary, and its order against sorting.
@Suite struct TableTests {
  /// Keys of one, two and three words, and such that fill a word to its last bit.
  @Test(arguments: [(1, 1), (3, 17), (4, 16), (4, 17), (8, 8), (8, 16), (7, 17), (8, 24), (5, 24)])
  func aTableCountsAndSorts(order: Int, bits: Int) throws {
    var generator = SeededGenerator(seed: UInt64(order * 100 + bits))
    let tokens = (0..<4000).map { index in
      // Few different tokens, so that N-grams repeat, and every third with all bits set.
      index % 3 == 0
        ? UInt32(1) << UInt32(bits) - 1
        : UInt32.random(in: 0..<min(8, 1 << UInt32(bits)), using: &generator)
    }
    let table = try NgramTable(order: order, bits: bits, slots: 6000)
    let shortest = Array(tokens[1500..<1500 + order])
    // Emptied, a table counts as if it were new.
    for parts in [[Array(tokens[..<1500]), [], shortest, Array(tokens[2000...])], [shortest]] {
      for part in parts {
        #expect(part.withUnsafeBufferPointer { table.count($0, from: 0) } == part.count)
      }
      let expected = plain(parts, order: order)
      let found = drain(table, bits: bits)
      #expect(found.map(\.tokens) == expected.map(\.tokens))
      #expect(found.map(\.count) == expected.map(\.count))
      #expect(table.isEmpty)
    }
  }

  private func plain(_ parts: [[UInt32]], order: Int) -> [(tokens: [UInt32], count: UInt64)] {
    var counts: [[UInt32]: UInt64] = [:]
    for part in parts where part.count >= order {
      for start in 0...part.count - order {
        counts[Array(part[start..<start + order]), default: 0] += 1
      }
    }
    return counts.sorted { $0.key.lexicographicallyPrecedes($1.key) }
      .map { (tokens: $0.key, count: $0.value) }
  }

  private func drain(_ table: NgramTable, bits: Int) -> [(tokens: [UInt32], count: UInt64)] {
    var found: [(tokens: [UInt32], count: UInt64)] = []
    let order = table.order
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
    return found
  }

  @Test func aFullTableSaysWhereItStopped() throws {
    let table = try NgramTable(order: 2, bits: 20, slots: 40)
    let tokens = (0..<1000).map { UInt32($0) }
    try tokens.withUnsafeBufferPointer { tokens in
      var (start, rounds, counted) = (0, 0, 0)
      while start < tokens.count {
        start = table.count(tokens, from: start)
        for (pair, count) in drain(table, bits: 20) {
          // Each pair once, in order.
          #expect(pair == [UInt32(counted), UInt32(counted + 1)] && count == 1)
          counted += 1
        }
        rounds += 1
        try #require(rounds < 100)
      }
      #expect(counted == 999 && rounds == 34)
    }
  }
}
