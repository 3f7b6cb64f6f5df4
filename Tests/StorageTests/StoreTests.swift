import Files
import Foundation
import Storage
import Testing

@Suite struct StoreTests {
  let path: String

  init() throws {
    path = try TemporaryFolder.create() + "/store"
  }

  private func publish(_ id: String, in store: Store) throws {
    let folder = try store.createTemporaryFolder(id)
    try DurableFile.write(id, to: folder + "/content")
    try store.publish(
      folders: [(id, folder)], edits: [.init(Array(id.utf8), Array("record".utf8), in: .tables)])
  }

  @Test func whatIsCommittedIsThereAfterReopening() throws {
    defer { try? DurableFile.remove(path) }
    do {
      let store = try Store(path: path, mode: .writing)
      try publish("one", in: store)
    }
    let store = try Store(path: path, mode: .reading)
    #expect(try store.catalog.value(of: Array("one".utf8), in: .tables) == Array("record".utf8))
    #expect(try store.catalog.entries(in: .tables).count == 1)
    #expect(try DurableFile.read(store.tableFolder("one") + "/content") == Array("one".utf8))
  }

  @Test func aReaderSeesCommitsMadeBeforeItOpened() throws {
    defer { try? DurableFile.remove(path) }
    let writer = try Store(path: path, mode: .writing)
    try publish("one", in: writer)
    let reader = try Store(path: path, mode: .reading)
    try publish("two", in: writer)
    #expect(try reader.catalog.entries(in: .tables).count == 1)
    #expect(try Store(path: path, mode: .reading).catalog.entries(in: .tables).count == 2)
  }

  /// A writer that opens the store brings a new list of the catalog's files and removes the old one: a
  /// reader may have read the old one's name by then.
  @Test func aReaderThatMissesTheCatalogsListOfFilesAsksAgain() throws {
    defer { try? DurableFile.remove(path) }
    do {
      let store = try Store(path: path, mode: .writing)
      try publish("one", in: store)
    }
    let current = path + "/catalog/CURRENT"
    let name = String(decoding: try DurableFile.read(current), as: UTF8.self)
    try DurableFile.write("MANIFEST-999999\n", to: current)
    #expect(throws: StorageError.self) { try Store(path: path, mode: .reading) }
    Thread.detachNewThread {
      usleep(30_000)
      try? DurableFile.write(name, to: current)
    }
    let reader = try Store(path: path, mode: .reading)
    #expect(try reader.catalog.entries(in: .tables).count == 1)
  }

  @Test func aSecondWriterIsRefusedWithTheHoldersProcess() throws {
    defer { try? DurableFile.remove(path) }
    let writer = try Store(path: path, mode: .writing)
    #expect(throws: StorageError.writerIsActive(path: path, processIdentifier: getpid())) {
      try Store(path: path, mode: .writing)
    }
    withExtendedLifetime(writer) {}
  }

  @Test func debrisIsSweptByReaderAndWriter() throws {
    defer { try? DurableFile.remove(path) }
    do {
      let store = try Store(path: path, mode: .writing)
      try publish("kept", in: store)
    }
    for mode in [Store.Mode.reading, .writing] {
      try DurableFile.createFolder(path + "/tmp/half")
      try DurableFile.createFolder(path + "/tables/unnamed")
      _ = try Store(path: path, mode: mode)
      #expect(try DurableFile.names(in: path + "/tmp").isEmpty)
      #expect(try DurableFile.names(in: path + "/tables") == ["kept"])
    }
  }

  @Test func aReaderLeavesAnActiveWritersWorkAlone() throws {
    defer { try? DurableFile.remove(path) }
    let writer = try Store(path: path, mode: .writing)
    let work = try writer.createTemporaryFolder("work")
    _ = try Store(path: path, mode: .reading)
    #expect(DurableFile.isFolder(work))
    withExtendedLifetime(writer) {}
  }

  @Test func withdrawnFoldersAreGone() throws {
    defer { try? DurableFile.remove(path) }
    let store = try Store(path: path, mode: .writing)
    try publish("one", in: store)
    try store.withdraw(folders: ["one"], edits: [.init(Array("one".utf8), nil, in: .tables)])
    #expect(try DurableFile.names(in: path + "/tables").isEmpty)
    #expect(try store.catalog.entries(in: .tables).isEmpty)
  }

  @Test func foreignAndNewerFoldersAreRefused() throws {
    defer { try? DurableFile.remove(path) }
    #expect(throws: StorageError.noStore(path: path)) { try Store(path: path, mode: .reading) }
    try DurableFile.createFolder(path)
    try DurableFile.write("x", to: path + "/thesis.txt")
    #expect(throws: StorageError.notAStore(path: path)) { try Store(path: path, mode: .writing) }
    try DurableFile.remove(path + "/thesis.txt")
    // Cut, as by damage.
    try DurableFile.write("engram-store 2", to: path + "/FORMAT")
    #expect(throws: StorageError.notAStore(path: path)) { try Store(path: path, mode: .reading) }
    try DurableFile.write("engram-store 999\n", to: path + "/FORMAT")
    #expect(throws: StorageError.newerFormat(path: path, found: 999, supported: 2)) {
      try Store(path: path, mode: .writing)
    }
  }

  @Test func bulkLoadedValuesAreReadBack() throws {
    let folder = try TemporaryFolder.create()
    defer { try? DurableFile.remove(folder) }
    let writer = try SortedTableWriter(creating: folder + "/part.sst")
    let value = [UInt8](repeating: 7, count: 65_000)
    for key in 0..<20 as Range<UInt8> {
      try value.withUnsafeBytes { try writer.put(key: [0, key], value: $0) }
    }
    try writer.finish()
    let database = try RocksDatabase(path: folder + "/db", mode: .readWrite)
    try database.ingest([folder + "/part.sst"])
    #expect(try database.value(of: [0, 19]) == value)
    #expect(try database.value(of: [0, 20]) == nil)
    #expect(try database.entries(prefix: [0]).count == 20)
  }
}
