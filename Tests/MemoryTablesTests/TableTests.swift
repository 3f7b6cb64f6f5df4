import Files
import Foundation
import MemoryTables
import SeededRandom
import Storage
import Synchronization
import Testing

@Suite struct TableTests {
  @Test func everyRowIsReadBack() throws {
    let fixture = try StoreFixture()
    let rows = 5000
    let source = NumberedRows(rowBytes: 264)
    try fixture.publish(fixture.draft(rows: rows), source)
    let table = try fixture.open()
    #expect(table.access == .mapped)
    #expect(table.directoryOrigin == .stored)
    let all = try table.gather((0..<Int64(rows)).map { $0 })
    for row in 0..<rows {
      #expect(Array(all[(row * 264)..<((row + 1) * 264)]) == source.bytes(of: row))
    }
  }

  @Test(arguments: [1, 2, 3, 4, 7, 31, 1000])
  func batchesOfAnySizeAndOrder(count: Int) throws {
    let fixture = try StoreFixture()
    // 13 bytes a row: no multiple of the checksum's word.
    let source = NumberedRows(rowBytes: 13)
    try fixture.publish(fixture.draft(rows: 20_000, dimension: 13, codec: .fp8E4M3), source)
    let table = try fixture.open()
    var generator = SeededGenerator(seed: UInt64(count))
    let ids = (0..<count).map { _ in Int64.random(in: 0..<20_000, using: &generator) }
    let expected = ids.flatMap { source.bytes(of: Int($0)) }
    #expect(try table.gather(ids) == expected)
    let unchecked = try Table(
      TableReference(name: "t"), in: Store(path: fixture.path, mode: .reading),
      verification: .never)
    #expect(try unchecked.gather(ids) == expected)
  }

  @Test func mappedAndDatabaseAccessGiveTheSameBytes() throws {
    let fixture = try StoreFixture()
    let source = NumberedRows(rowBytes: 264, zero: 300..<1500)
    try fixture.publish(fixture.draft(rows: 2000), source)
    let mapped = try fixture.open()
    let copied = try fixture.open(access: .database)
    #expect(mapped.access == .mapped)
    #expect(copied.access == .database)
    let ids = (0..<Int64(2000)).filter { $0 % 3 != 1 }
    #expect(try mapped.gather(ids) == copied.gather(ids))
    #expect(
      try mapped.gatherFloats([5, 1999]).map(\.bitPattern)
        == copied.gatherFloats([5, 1999]).map(\.bitPattern))
  }

  @Test func pagesOfZeroRowsAreNotStored() throws {
    let fixture = try StoreFixture()
    let source = NumberedRows(rowBytes: 264, zero: 244..<244_000)
    try fixture.publish(fixture.draft(rows: 244_500), source)
    let table = try fixture.open()
    #expect(table.manifest.pages == 1003)
    #expect(table.manifest.storedPages == 4)
    #expect(
      try table.gather([243, 244, 100_000, 244_000])
        == [243, 244, 100_000, 244_000]
        .flatMap { source.bytes(of: $0) })
    let report = try verify(fixture)
    #expect(report.problems == [])
  }

  @Test func aTableOfSeveralFiles() throws {
    let fixture = try StoreFixture()
    // A row a page: 9,000 pages are three runs, each with a file of its own.
    let stored = [0, 4095, 4096, 5000, 8191, 8192, 8999]
    let source = NumberedRows(rowBytes: 40_000, onlyNonzero: Set(stored))
    try fixture.publish(
      fixture.draft(rows: 9000, dimension: 20_000, codec: .bfloat16), source)
    let table = try fixture.open()
    let names = try DurableFile.names(in: table.folder + "/db").filter { $0.hasSuffix(".sst") }
    #expect(names.count == 3)
    #expect(table.manifest.storedPages == stored.count)
    let ids = (stored + [1, 8190]).map(Int64.init)
    #expect(try table.gather(ids) == ids.flatMap { source.bytes(of: Int($0)) })
    #expect(try verify(fixture).problems == [])
  }

  @Test func aTableOfNothingButZeroRows() throws {
    let fixture = try StoreFixture()
    try fixture.publish(fixture.draft(rows: 1000), NumberedRows(rowBytes: 264, zero: 0..<1000))
    #expect(try fixture.open().gather([7]) == [UInt8](repeating: 0, count: 264))
    #expect(try verify(fixture).problems == [])
  }

  @Test func rowsLongerThanAPage() throws {
    let fixture = try StoreFixture()
    let source = NumberedRows(rowBytes: 100_000)
    try fixture.publish(fixture.draft(rows: 7, dimension: 50_000, codec: .bfloat16), source)
    let table = try fixture.open()
    #expect(table.prefetch([6, 0]) > 48)
    #expect(try table.gather([6, 0]) == source.bytes(of: 6) + source.bytes(of: 0))
  }

  @Test func rowsOutsideTheTableAreRefusedBeforeAnythingIsWritten() throws {
    let fixture = try StoreFixture()
    try fixture.publish(fixture.draft(rows: 1000), NumberedRows(rowBytes: 264))
    let table = try fixture.open()
    var buffer = [UInt8](repeating: 9, count: 2 * 264)
    for bad in [Int64(1000), -1, .max, .min] {
      #expect(throws: TableError.rowOutOfRange(table: "t", row: bad, index: 1, rows: 1000)) {
        try [0, bad].withUnsafeBufferPointer { rows in
          try buffer.withUnsafeMutableBytes { try table.gather(rows, into: $0) }
        }
      }
    }
    #expect(buffer.allSatisfy { $0 == 9 })
    for place in 0..<200 {
      var ids = [Int64](repeating: 999, count: 200)
      ids[place] = 1000
      #expect(throws: TableError.rowOutOfRange(table: "t", row: 1000, index: place, rows: 1000)) {
        try table.gather(ids)
      }
    }
    #expect(throws: TableError.bufferTooSmall(needed: 792, given: 528)) {
      try [0, 1, 2].withUnsafeBufferPointer { rows in
        try buffer.withUnsafeMutableBytes { try table.gather(rows, into: $0) }
      }
    }
    #expect(table.prefetch([0, -5, 1_000_000]) == 1)
  }

  @Test func versionsCountUpAndStayReadable() throws {
    let fixture = try StoreFixture()
    for seed in 1...3 as ClosedRange<UInt64> {
      try fixture.publish(fixture.draft(rows: 500), NumberedRows(rowBytes: 264, seed: seed))
    }
    #expect(try fixture.open().manifest.version == 3)
    #expect(
      try fixture.open("t@2").gather([3]) == NumberedRows(rowBytes: 264, seed: 2).bytes(of: 3))
    #expect(throws: TableError.noSuchVersion(name: "t", version: 9, available: [1, 2, 3])) {
      try fixture.open("t@9")
    }
    #expect(throws: TableError.noSuchTable(name: "u", available: ["t"])) { try fixture.open("u") }
  }

  @Test func droppedNumbersAreNotUsedAgain() throws {
    let fixture = try StoreFixture()
    try fixture.publish(fixture.draft(rows: 500), NumberedRows(rowBytes: 264))
    try fixture.publish(fixture.draft(rows: 500), NumberedRows(rowBytes: 264))
    let reader = try fixture.open("t@2")
    let before = try Store(path: fixture.path, mode: .reading)
    do {
      let store = try Store(path: fixture.path, mode: .writing)
      #expect(try store.dropTable(TableReference(name: "t", version: 2)).map(\.version) == [2])
    }
    // One that asked the catalog before and opens it now is told that it is gone, not which file is.
    #expect(throws: TableError.noSuchVersion(name: "t", version: 2, available: [1])) {
      try Table(TableReference(name: "t", version: 2), in: before)
    }
    // A reader that had it open goes on.
    #expect(try reader.gather([1]) == NumberedRows(rowBytes: 264).bytes(of: 1))
    #expect(try fixture.open().manifest.version == 1)
    try fixture.publish(fixture.draft(rows: 500), NumberedRows(rowBytes: 264))
    #expect(try fixture.open().manifest.version == 3)
  }

  @Test func identityFollowsFromContent() throws {
    let one = try StoreFixture()
    let two = try StoreFixture()
    let three = try StoreFixture()
    let first = try one.publish(one.draft(rows: 999), NumberedRows(rowBytes: 264), threads: 1)
    let same = try two.publish(two.draft(rows: 999), NumberedRows(rowBytes: 264), threads: 3)
    let other = try three.publish(
      three.draft(rows: 999), NumberedRows(rowBytes: 264, seed: 2))
    #expect(first.identity == same.identity)
    #expect(first.identity != other.identity)
  }

  @Test func aFailedPublishLeavesNothing() throws {
    let fixture = try StoreFixture()
    try fixture.publish(fixture.draft(rows: 500), NumberedRows(rowBytes: 264))
    #expect(throws: NumberedRows.Failure.self) {
      try fixture.publish(
        fixture.draft(rows: 3000), NumberedRows(rowBytes: 264, failsAt: 2900))
    }
    #expect(try DurableFile.names(in: fixture.path + "/tmp").isEmpty)
    #expect(try DurableFile.names(in: fixture.path + "/tables").count == 1)
    #expect(try fixture.open().manifest.version == 1)
  }

  @Test func badDraftsAreRefused() throws {
    let fixture = try StoreFixture()
    let source = NumberedRows(rowBytes: 264)
    #expect(throws: TableError.badName("../x")) {
      try fixture.publish(fixture.draft("../x", rows: 5), source)
    }
    #expect(throws: TableError.self) { try fixture.publish(fixture.draft(rows: 0), source) }
    #expect(throws: TableError.self) {
      try fixture.publish(fixture.draft(rows: 5, dimension: 1 << 20 + 1), source)
    }
    #expect(throws: TableError.self) {
      try fixture.publish(fixture.draft(rows: 1 << 47), source)
    }
  }

  @Test func eightThreadsReadTheSameBytes() throws {
    let fixture = try StoreFixture()
    let source = NumberedRows(rowBytes: 264)
    try fixture.publish(fixture.draft(rows: 10_000), source)
    let table = try fixture.open()
    let wrong = Mutex(0)
    DispatchQueue.concurrentPerform(iterations: 8) { thread in
      var generator = SeededGenerator(seed: UInt64(thread))
      for _ in 0..<20 {
        let ids = (0..<100).map { _ in Int64.random(in: 0..<10_000, using: &generator) }
        let bytes = try? table.gather(ids)
        if bytes != ids.flatMap({ source.bytes(of: Int($0)) }) { wrong.withLock { $0 += 1 } }
      }
    }
    #expect(wrong.withLock { $0 } == 0)
  }

  func verify(_ fixture: StoreFixture) throws -> VerifyReport {
    let store = try Store(path: fixture.path, mode: .reading)
    return try Table.verify(try store.publishedTable(TableReference(name: "t")), in: store)
  }
}
