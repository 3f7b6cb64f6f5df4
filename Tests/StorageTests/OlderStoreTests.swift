import Files
import Foundation
import Storage
import Testing

/// Stores of format 1: no families for datasets in the catalog, no folders for chunks.
@Suite struct OlderStoreTests {
  let path: String

  init() throws {
    path = try TemporaryFolder.create() + "/store"
    for folder in ["tables/kept", "tmp"] { try DurableFile.createFolder(path + "/" + folder) }
    let catalog = try RocksDatabase(
      path: path + "/catalog", families: ["tables", "folders"], mode: .readWrite)
    try catalog.commit([
      .put(family: "tables", key: Array("one".utf8), value: [1, 2]),
      .put(family: "folders", key: Array("kept".utf8), value: [1]),
    ])
    try catalog.flush()
    try DurableFile.write("engram-store 1\n", to: path + "/FORMAT")
  }

  private var format: String {
    get throws { String(decoding: try DurableFile.read(path + "/FORMAT"), as: UTF8.self) }
  }

  /// Opens the catalog as the older program does: with its own families, all of them.
  private func opensForTheOlderProgram() -> Bool {
    (try? RocksDatabase(
      path: path + "/catalog", families: ["tables", "folders"], mode: .readWrite)) != nil
  }

  @Test func readingLeavesItAsItIs() throws {
    defer { try? DurableFile.remove(path) }
    // What an interrupted writer left makes no difference.
    try DurableFile.createFolder(path + "/tmp/half")
    let store = try Store(path: path, mode: .reading)
    #expect(try store.catalog.value(of: Array("one".utf8), in: .tables) == [1, 2])
    for family in [Catalog.Family.datasets, .ingests] {
      #expect(try store.catalog.value(of: Array("one".utf8), in: family) == nil)
      #expect(try store.catalog.entries(in: family).isEmpty)
    }
    #expect(try format == "engram-store 1\n")
    #expect(opensForTheOlderProgram())
  }

  @Test func writingMakesItOneOfThisFormat() throws {
    defer { try? DurableFile.remove(path) }
    try DurableFile.createFolder(path + "/tmp/half")
    try DurableFile.createFolder(path + "/tables/unnamed")
    do {
      let store = try Store(path: path, mode: .writing)
      #expect(try store.catalog.value(of: Array("one".utf8), in: .tables) == [1, 2])
      try store.catalog.commit([.init([7], [8], in: .datasets)])
    }
    #expect(try format == "engram-store \(Store.formatVersion)\n")
    #expect(try DurableFile.names(in: path + "/tmp").isEmpty)
    #expect(try DurableFile.names(in: path + "/tables") == ["kept"])
    for folder in ["chunks", "pages", "leases"] {
      #expect(DurableFile.isFolder(path + "/" + folder))
    }
    let store = try Store(path: path, mode: .reading)
    #expect(try store.catalog.value(of: [7], in: .datasets) == [8])
    #expect(try store.catalog.value(of: Array("one".utf8), in: .tables) == [1, 2])
  }
}
