import Addressing
import Files
import Foundation
import MemoryTables
import SeededRandom
import Storage
import Testing

@Suite struct ExactTableTests {
  @Test(arguments: [1...1, 2...3, 1...4, 3...3])
  func aSearchFindsTheLongestNgramThatEndsAtAPosition(orders: ClosedRange<Int>) throws {
    let fixture = try ExactFixture(seed: UInt64(orders.lowerBound), orders: orders, count: 900)
    let keys = try fixture.store.open().exactKeys()
    var generator = SeededGenerator(seed: 5)
    for count in [0, 1, 2, 3, 5000] {
      let text = fixture.text(count, using: &generator)
      let starts = (0..<count / 7).map { _ in Int.random(in: 0..<count, using: &generator) }
      #expect(try keys.matches(for: text) == fixture.expected(text))
      #expect(
        try keys.matches(for: text, documentStarts: starts)
          == fixture.expected(text, documentStarts: starts))
      #expect(try keys.rows(for: text) == fixture.expected(text).map(\.row))
    }
  }

  @Test func everyNgramFindsItsOwnRow() throws {
    let fixture = try ExactFixture(seed: 2)
    let table = try fixture.store.open()
    let keys = try table.exactKeys()
    for (ngram, row) in fixture.rows {
      #expect(try keys.matches(for: ngram).last == .init(row: row, order: ngram.count))
    }
    let rows = Array(0..<Int64(fixture.rows.count))
    #expect(try table.gather(rows) == rows.flatMap { fixture.source.bytes(of: Int($0)) })
  }

  @Test func aMissIsAZeroRowWithAZeroInTheMask() throws {
    let fixture = try ExactFixture(seed: 3, orders: 2...4, count: 300)
    let table = try fixture.store.open()
    var generator = SeededGenerator(seed: 6)
    let rows = try table.exactKeys().rows(for: fixture.text(4000, using: &generator))
    #expect(rows.contains(-1) && rows.contains { $0 >= 0 })
    let (values, mask) = try table.gatherFloats(rows, misses: .zero)
    #expect(values.count == rows.count * 8)
    for (index, row) in rows.enumerated() {
      let part = values[(8 * index)..<(8 * index + 8)].map(\.bitPattern)
      #expect(mask[index] == (row < 0 ? 0 : 1))
      #expect(
        try part
          == (row < 0
            ? Array(repeating: 0, count: 8)
            : table.gatherFloats([row]).map(\.bitPattern)))
    }
    #expect(throws: TableError.self) { try table.gather([-1]) }
    #expect {
      try table.gatherFloats([-1, 0, -2], misses: .zero)
    } throws: { error in
      error as? TableError
        == .rowOutOfRange(
          table: "t", row: -2, index: 2, rows: table.manifest.rows)
    }
  }

  @Test func mappedTokensAreFoundByTheirMap() throws {
    let map = try TokenMap([0, 1, 0, 2, 1, 3])
    let fixture = try StoreFixture()
    let ngrams = NgramList([[0, 1], [0, 3], [2]])
    var draft = TableDraft(
      name: "t", rows: 3, dimension: 8, codec: .float32,
      exact: ExactIndex(ngrams: ngrams, tokens: .mapped(by: map)), source: .init(kind: "vectors"))
    try fixture.publish(draft, NumberedRows(rowBytes: 32))
    #expect {
      try fixture.open().exactKeys()
    } throws: { if case .tokenMapRequired? = $0 as? AddressingError { true } else { false } }
    #expect {
      try fixture.open().exactKeys(tokenMap: TokenMap([0, 1, 0, 2, 1, 2]))
    } throws: { if case .tokenMapMismatch? = $0 as? AddressingError { true } else { false } }
    #expect(
      try fixture.open().exactKeys(tokenMap: map).rows(for: [2, 4, 5, 3, 0, 5])
        == [-1, 0, -1, 2, -1, 1])
    draft.attachments[Table.tokenMapFile] = map.withUnsafeCompressedIDs {
      Array(UnsafeRawBufferPointer($0))
    }
    try fixture.publish(draft, NumberedRows(rowBytes: 32))
    #expect(try fixture.open().exactKeys().rows(for: [0, 1]) == [-1, 0])
    #expect {
      try fixture.open().exactKeys().rows(for: [0, 6])
    } throws: { $0 as? AddressingError == .tokenOutOfRange(index: 1, token: 6, limit: 6) }
    #expect(throws: AddressingError.self) { try fixture.open().exactKeys().rows(for: [-1]) }
    // A map that is another one, and one that is none: the file is named, no other tokenizer asked for.
    let path = try fixture.open().folder + "/" + Table.tokenMapFile
    for (ids, reason) in [([0, 1, 0, 2, 1, 2], "not what was published"), ([9], "no token map")] {
      try ids.map { Int32($0).littleEndian }.withUnsafeBytes { Data($0) }
        .write(to: URL(fileURLWithPath: path))
      #expect {
        try fixture.open().exactKeys()
      } throws: {
        guard case .corruptFile(path, let found)? = $0 as? TableError else { return false }
        return found.contains(reason)
      }
    }
  }

  @Test func aDraftWhoseNgramsAreNoKeysIsRefused() throws {
    let fixture = try ExactFixture(seed: 1, count: 10)
    let bad: [([[Int32]], String)] = [
      ([[1, 2], [1]], "not in key order"), ([[1], [1]], "there twice"),
      ([[1], [9]], "token 9"), ([[-1], [1]], "token -1"), ([[], [1]], "orders"),
      ([Array(repeating: 1, count: 65), [2]], "orders"),
    ]
    for (ngrams, words) in bad {
      #expect {
        try fixture.store.publish(fixture.draft(NgramList(ngrams)), fixture.source)
      } throws: { "\($0)".contains(words) && !"\($0)".contains("\n") }
    }
    var draft = fixture.draft(NgramList([[1], [2]]))
    draft.rows = 3
    #expect(throws: TableError.self) { try fixture.store.publish(draft, fixture.source) }
    #expect(try fixture.store.open().manifest.version == 1)
  }

  @Test func onlyExactTablesHaveTheNewerFormatAndKeys() throws {
    let fixture = try ExactFixture(seed: 4, count: 50)
    let exact = try fixture.store.open().manifest
    #expect(exact.format == 2)
    #expect(exact.exact?.ngrams == fixture.rows.count)
    #expect(exact.exact?.shortest == 1 && exact.exact?.longest == 4)
    try fixture.store.publish(fixture.store.draft(rows: 3), NumberedRows(rowBytes: 264))
    let table = try fixture.store.open()
    #expect(table.manifest.format == 1 && table.manifest.exact == nil)
    #expect(!String(decoding: try table.manifest.canonicalJSON(), as: UTF8.self).contains("exact"))
    #expect { try table.exactKeys() } throws: { $0 as? TableError == .notExact(table: "t") }
  }

  @Test func theSameNgramsHaveTheSameIdentityAndOthersAnother() throws {
    let first = try ExactFixture(seed: 8, count: 50)
    let again = try ExactFixture(seed: 8, count: 50)
    #expect(try first.store.open().manifest == again.store.open().manifest)
    var ngrams = first.rows.keys.sorted { $0.lexicographicallyPrecedes($1) }
    let last = ngrams.removeLast()
    ngrams.append(last + [0])
    let other = try StoreFixture()
    try other.publish(first.draft(NgramList(ngrams)), first.source)
    let (one, two) = (try first.store.open().manifest, try other.open().manifest)
    #expect(one.content == two.content && one.identity != two.identity)
  }

  @Test func orderOfKeysIsThatOfTheirBytes() {
    var generator = SeededGenerator(seed: 11)
    let ngrams: [[Int32]] = (0..<500).map { _ in
      (0..<Int.random(in: 1...3, using: &generator)).map { _ in
        Int32.random(in: 0...2, using: &generator) << Int32.random(in: 0...28, using: &generator)
      }
    }
    let bytes = ngrams.map { $0.flatMap { withUnsafeBytes(of: $0.bigEndian) { Array($0) } } }
    let list = NgramList(ngrams)
    let order = list.keyOrder()
    #expect(order.sorted() == Array(0..<500))
    for (left, right) in zip(order, order.dropFirst()) {
      #expect(!bytes[right].lexicographicallyPrecedes(bytes[left]))
    }
    #expect(list.selecting(order)[7] == list[order[7]])
  }
}
