import Files
import Foundation
import MemoryTables
import SeededRandom
import Storage
import Testing

@Suite struct CorruptionTests {
  private func verify(_ fixture: StoreFixture) throws -> VerifyReport {
    let store = try Store(path: fixture.path, mode: .reading)
    return try Table.verify(try store.publishedTable(TableReference(name: "t")), in: store)
  }

  private func flip(_ path: String, byte: Int, bit: Int) throws {
    let descriptor = open(path, O_RDWR)
    defer { close(descriptor) }
    var value: UInt8 = 0
    #expect(pread(descriptor, &value, 1, byte) == 1)
    value ^= 1 << bit
    #expect(pwrite(descriptor, &value, 1, byte) == 1)
  }

  private func files(_ folder: String) throws -> [String] {
    try DurableFile.names(in: folder).filter { $0 != "db" && $0 != "COMMITTED" }
      + DurableFile.names(in: folder + "/db").map { "db/" + $0 }
  }

  @Test func aFlippedBitAnywhereIsFoundAndNamed() throws {
    let fixture = try StoreFixture()
    try fixture.publish(fixture.draft(rows: 3000), NumberedRows(rowBytes: 264))
    let folder = try fixture.folder()
    #expect(try verify(fixture).problems == [])
    var generator = SeededGenerator(seed: 3)
    for name in try files(folder) {
      let path = folder + "/" + name
      let size = DurableFile.size(of: path) ?? 0
      guard size > 0 else { continue }
      for _ in 0..<20 {
        let byte = Int.random(in: 0..<size, using: &generator)
        let bit = Int.random(in: 0..<8, using: &generator)
        try flip(path, byte: byte, bit: bit)
        let problems = try verify(fixture).problems
        #expect(problems.contains { $0.contains(path) }, "\(name) byte \(byte) bit \(bit)")
        try flip(path, byte: byte, bit: bit)
      }
    }
    #expect(try verify(fixture).problems == [])
  }

  @Test func aLookupThatTouchesTheFlippedBitRefusesAndOthersServe() throws {
    let fixture = try StoreFixture()
    let source = NumberedRows(rowBytes: 264)
    try fixture.publish(fixture.draft(rows: 3000), source)
    let folder = try fixture.folder()
    let name = try #require(files(folder).first { $0.hasSuffix(".sst") })
    let content = try DurableFile.read(folder + "/" + name)
    let row = source.bytes(of: 1234)
    let place = try #require(
      content.indices.first { content[$0...].starts(with: row) })
    try flip(folder + "/" + name, byte: place + 100, bit: 3)
    for access in [Table.Access.mapped, .database] {
      let table = try fixture.open(access: access)
      #expect(try table.gather([1233, 1235]) == source.bytes(of: 1233) + source.bytes(of: 1235))
      #expect {
        try table.gather([1, 2, 3, 4, 1234, 5])
      } throws: { error in
        guard case TableError.corruptRow("t", 1, 1234, _, let offset, _, _) = error else {
          return false
        }
        return access == .database || offset == place
      }
      #expect(throws: TableError.self) { try table.gatherFloats([1234]) }
      // At every place of a batch: kernels treat groups, stages and ends differently.
      for place in 0..<70 {
        var ids = (0..<70).map { Int64($0 * 3) }
        ids[place] = 1234
        #expect(throws: TableError.self, "place \(place)") { try table.gather(ids) }
        #expect(throws: TableError.self, "place \(place)") { try table.gatherFloats(ids) }
      }
    }
    let problems = try verify(fixture).problems
    #expect(problems.contains { $0.contains("row 1234 of t@1") && $0.contains("byte \(place)") })
  }

  @Test func aRowThatStrayedFromAnotherPlaceIsRefused() throws {
    let fixture = try StoreFixture()
    let source = NumberedRows(rowBytes: 264)
    try fixture.publish(fixture.draft(rows: 3000), source)
    let folder = try fixture.folder()
    let name = try #require(files(folder).first { $0.hasSuffix(".sst") })
    let content = try DurableFile.read(folder + "/" + name)
    func place(of row: Int) throws -> Int {
      try #require(content.indices.first { content[$0...].starts(with: source.bytes(of: row)) })
    }
    // A misdirected write: row 10's slot, checksum and all, where row 20's was.
    let from = try place(of: 10)
    let to = try place(of: 20)
    let descriptor = open(folder + "/" + name, O_RDWR)
    #expect(pwrite(descriptor, Array(content[from..<(from + 268)]), 268, to) == 268)
    close(descriptor)
    #expect(try fixture.open().gather([10]) == source.bytes(of: 10))
    #expect(throws: TableError.self) { try fixture.open().gather([20]) }
  }

  @Test func anOlderVersionsFileIsRefused() throws {
    let fixture = try StoreFixture()
    try fixture.publish(fixture.draft(rows: 3000), NumberedRows(rowBytes: 264, seed: 1))
    let old = try fixture.folder()
    try fixture.publish(fixture.draft(rows: 3000), NumberedRows(rowBytes: 264, seed: 2))
    let new = try fixture.folder()
    let name = try #require(files(new).first { $0.hasSuffix(".sst") })
    let content = try DurableFile.read(old + "/" + name)
    try content.withUnsafeBytes { try DurableFile.write($0, to: new + "/" + name) }
    #expect(throws: TableError.self) { try fixture.open() }
    #expect(try !verify(fixture).problems.isEmpty)
  }

  @Test func aForeignOrMissingDirectoryIsBuiltAnewAndRepaired() throws {
    let fixture = try StoreFixture()
    let source = NumberedRows(rowBytes: 264)
    try fixture.publish(fixture.draft(rows: 3000), source)
    let old = try fixture.folder()
    try fixture.publish(fixture.draft(rows: 3000), source)
    let folder = try fixture.folder()
    let original = try DurableFile.read(folder + "/pages")

    let foreign = try DurableFile.read(old + "/pages")
    try foreign.withUnsafeBytes { try DurableFile.write($0, to: folder + "/pages") }
    let table = try fixture.open()
    guard case .rebuilt(let reason)? = table.directoryOrigin else {
      Issue.record("the foreign directory was used")
      return
    }
    #expect(reason.contains("belongs to another table"))
    #expect(try table.gather([2999]) == source.bytes(of: 2999))
    #expect(try verify(fixture).problems.contains { $0.contains("belongs to another table") })

    try DurableFile.remove(folder + "/pages")
    #expect(try fixture.open().gather([2999]) == source.bytes(of: 2999))

    let store = try Store(path: fixture.path, mode: .writing)
    let published = try store.publishedTable(TableReference(name: "t"))
    #expect(try Table.repairDirectory(published, in: store))
    #expect(try DurableFile.read(folder + "/pages") == original)
    #expect(try !Table.repairDirectory(published, in: store))
    #expect(try Table.verify(published, in: store).problems == [])
  }

  @Test(arguments: [true, false]) func aMissingFileOfRowsIsRefused(keepsDirectory: Bool) throws {
    let fixture = try StoreFixture()
    try fixture.publish(fixture.draft(rows: 3000), NumberedRows(rowBytes: 264))
    let folder = try fixture.folder()
    let name = try #require(files(folder).first { $0.hasSuffix(".sst") })
    try DurableFile.remove(folder + "/" + name)
    if !keepsDirectory { try DurableFile.remove(folder + "/pages") }
    for access in [Table.Access.mapped, .database] {
      #expect(throws: (any Error).self) { try fixture.open(access: access) }
    }
    let store = try Store(path: fixture.path, mode: .writing)
    let published = try store.publishedTable(TableReference(name: "t"))
    if !keepsDirectory {
      #expect(throws: (any Error).self) { try Table.repairDirectory(published, in: store) }
    }
  }

  /// Without a directory places come from keys that RocksDB does not sum.
  @Test func aDirectoryIsNotBuiltOfDamagedKeys() throws {
    let fixture = try StoreFixture()
    let source = NumberedRows(rowBytes: 264)
    try fixture.publish(fixture.draft(rows: 3000), source)
    let folder = try fixture.folder()
    let name = try #require(files(folder).first { $0.hasSuffix(".sst") })
    try DurableFile.remove(folder + "/pages")
    // The first block is a page: lengths, then its key of 8 bytes and RocksDB's 8.
    for byte in 0..<24 {
      for bit in 0..<8 {
        try flip(folder + "/" + name, byte: byte, bit: bit)
        if let table = try? fixture.open() {
          for row in [0, 1, 247, 248, 2999] {
            let found = try? table.gather([Int64(row)])
            #expect(found == nil || found == source.bytes(of: row), "byte \(byte) bit \(bit)")
          }
        }
        try flip(folder + "/" + name, byte: byte, bit: bit)
      }
    }
    #expect(try fixture.open().gather([0]) == source.bytes(of: 0))
  }

  @Test func aTruncatedFileIsRefused() throws {
    let fixture = try StoreFixture()
    try fixture.publish(fixture.draft(rows: 3000), NumberedRows(rowBytes: 264))
    let folder = try fixture.folder()
    for name in try files(folder) {
      let path = folder + "/" + name
      let content = try DurableFile.read(path)
      guard !content.isEmpty else { continue }
      truncate(path, content.count / 2)
      #expect(try verify(fixture).problems.contains { $0.contains(path) }, "\(name)")
      if name.hasSuffix(".sst") || name == "manifest.json" {
        #expect(throws: (any Error).self) { try fixture.open() }
      }
      try content.withUnsafeBytes { try DurableFile.write($0, to: path) }
    }
  }

  @Test func aNewerFormatIsRefusedByName() throws {
    let fixture = try StoreFixture()
    try fixture.publish(fixture.draft(rows: 300), NumberedRows(rowBytes: 264))
    let path = try fixture.folder() + "/manifest.json"
    let text = String(decoding: try DurableFile.read(path), as: UTF8.self)
    try DurableFile.write(
      text.replacingOccurrences(of: "\"format\":1", with: "\"format\":7"), to: path)
    #expect(throws: TableError.newerFormat(path: path, found: 7, supported: 2)) {
      try fixture.open()
    }
  }
}
