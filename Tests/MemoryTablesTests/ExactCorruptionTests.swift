import Files
import Foundation
import MemoryTables
import SeededRandom
import Storage
import Testing

@Suite struct ExactCorruptionTests {
  private func verify(_ fixture: ExactFixture) throws -> [String] {
    let store = try Store(path: fixture.store.path, mode: .reading)
    return try Table.verify(try store.publishedTable(TableReference(name: "t")), in: store).problems
  }

  private func flip(_ path: String, byte: Int, bit: Int) throws {
    let descriptor = open(path, O_RDWR)
    defer { close(descriptor) }
    var value: UInt8 = 0
    #expect(pread(descriptor, &value, 1, byte) == 1)
    value ^= 1 << bit
    #expect(pwrite(descriptor, &value, 1, byte) == 1)
  }

  private func keyFiles(_ fixture: ExactFixture) throws -> [String] {
    let folder = try fixture.store.folder() + "/keys"
    return try DurableFile.names(in: folder).map { folder + "/" + $0 }
      .filter { (DurableFile.size(of: $0) ?? 0) > 0 }
  }

  /// A flip in the keys is found by `verify`; a search finds what was published, or fails: it never
  /// misses an N-gram that is there.
  @Test func aFlippedBitInTheKeysIsFoundAndNeverAMiss() throws {
    let fixture = try ExactFixture(seed: 9, count: 600)
    var generator = SeededGenerator(seed: 3)
    let text = fixture.text(300, using: &generator)
    let expected = fixture.expected(text)
    #expect(try verify(fixture) == [])
    var refusals = 0
    for path in try keyFiles(fixture) {
      for _ in 0..<(path.hasSuffix(".sst") ? 40 : 8) {
        let byte = Int.random(in: 0..<(DurableFile.size(of: path) ?? 1), using: &generator)
        let bit = Int.random(in: 0..<8, using: &generator)
        try flip(path, byte: byte, bit: bit)
        do {
          #expect(try fixture.store.open().exactKeys().matches(for: text) == expected)
        } catch {
          refusals += 1
          #expect(!"\(error)".contains("\n"))
        }
        #expect(try verify(fixture).contains { $0.contains(path) }, "\(path) byte \(byte)")
        try flip(path, byte: byte, bit: bit)
      }
    }
    #expect(refusals > 20)
    #expect(try verify(fixture) == [])
  }

  /// Blocks whose checksums fit, entries whose own do not: another table's keys.
  @Test func keysOfAnotherTableAreRefused() throws {
    let fixture = try ExactFixture(seed: 9, count: 600)
    let other = try ExactFixture(seed: 9, count: 600)
    var draft = other.draft(NgramList(other.rows.keys.sorted { $0.lexicographicallyPrecedes($1) }))
    draft.name = "u"
    try other.store.publish(draft, other.source)
    let store = try Store(path: other.store.path, mode: .reading)
    let foreign = store.tableFolder(try store.publishedTable(TableReference(name: "u")).id)
    let folder = try fixture.store.folder()
    try DurableFile.remove(folder + "/keys")
    try FileManager.default.copyItem(atPath: foreign + "/keys", toPath: folder + "/keys")
    let ngram = try #require(fixture.rows.keys.first { $0.count == 4 })
    #expect {
      try fixture.store.open().exactKeys().matches(for: ngram)
    } throws: { error in
      guard case .corruptKey? = error as? TableError else { return false }
      return !"\(error)".contains("\n")
    }
    #expect(try verify(fixture).contains { $0.contains("does not match its checksum") })
  }

  @Test func missingKeysAreAnErrorAndNoMisses() throws {
    let fixture = try ExactFixture(seed: 9, count: 600)
    let other = try ExactFixture(seed: 10, count: 20)
    let folder = try fixture.store.folder()
    try DurableFile.remove(folder + "/keys")
    #expect(throws: (any Error).self) { try fixture.store.open().exactKeys() }
    try FileManager.default.copyItem(
      atPath: other.store.folder() + "/keys", toPath: folder + "/keys")
    #expect {
      try fixture.store.open().exactKeys()
    } throws: { "\($0)".contains("keys, \(fixture.rows.count) were published") }
    #expect(try !verify(fixture).isEmpty)
  }

  @Test func aThrownProgressLeavesNothing() throws {
    let fixture = try ExactFixture(seed: 9, count: 10)
    struct Stop: Error {}
    var source = fixture.source
    source.failsAt = 2
    let ngrams = NgramList(fixture.rows.keys.sorted { $0.lexicographicallyPrecedes($1) })
    #expect(throws: NumberedRows.Failure.self) {
      try fixture.store.publish(fixture.draft(ngrams), source)
    }
    #expect(try DurableFile.names(in: fixture.store.path + "/tables").count == 1)
  }
}
