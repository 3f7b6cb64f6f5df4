import CEngram
import Dispatch
import Foundation
import Synchronization
import TestStores
import Testing

@Suite struct HandleTests {
  @Test func theLibraryTellsItsVersion() {
    #expect(engram_abi_version() == ENGRAM_ABI_VERSION)
    #expect(String(cString: engram_version()).split(separator: ".").count == 3)
    #expect(name(engram_status(ENGRAM_CORRUPT)) == "ENGRAM_CORRUPT" && name(99) == "unknown")
  }

  @Test func whatIsNotThereIsSaid() throws {
    var handle: engram_store = 0
    #expect(engram_store_open("/nowhere", &handle) == ENGRAM_NOT_FOUND)
    #expect(lastError.contains("/nowhere"))
    #expect(engram_store_open(nil, &handle) == ENGRAM_INVALID)
    #expect(engram_store_open("/nowhere", nil) == ENGRAM_INVALID)
    #expect(handle == 0)
    let store = try OpenStore()
    var table: engram_table = 0
    #expect(engram_table_open(store.handle, "nothing", &table) == ENGRAM_NOT_FOUND)
    #expect(lastError.contains("hashed"))
    #expect(engram_table_open(store.handle, "hashed@9", &table) == ENGRAM_NOT_FOUND)
    #expect(engram_table_open(store.handle, "a b", &table) == ENGRAM_INVALID)
    let notUTF8: [CChar] = [-1, 0]
    #expect(engram_table_open(store.handle, notUTF8, &table) == ENGRAM_INVALID)
    #expect(table == 0)
  }

  @Test func closedAndForeignHandlesAreNeverFollowed() throws {
    let store = try OpenStore()
    let table = try store.table("plain")
    let dataset = try store.dataset("bytes")
    var info = engram_table_info()
    for bad in [0, store.handle, dataset, table + 1 << 30, ~0, 1, table ^ 1 << 41] {
      #expect(engram_table_get_info(bad, &info) != ENGRAM_OK)
      #expect(engram_table_close(bad) != ENGRAM_OK)
    }
    try check(engram_table_get_info(table, &info))
    try check(engram_table_close(table))
    #expect(engram_table_get_info(table, &info) == ENGRAM_CLOSED)
    #expect(engram_table_close(table) == ENGRAM_CLOSED)
    #expect(lastError.contains("table"))
    // The number is not used again.
    #expect(try store.table("plain") != table)
  }

  @Test func whatWasOpenedOutlivesItsStore() throws {
    let made = try ServedStore()
    var store: engram_store = 0
    try check(engram_store_open(made.path, &store))
    var table: engram_table = 0
    try check(engram_table_open(store, "plain", &table))
    try check(engram_store_close(store))
    var out = [UInt8](repeating: 0, count: 128)
    try check(engram_table_gather(table, [5], 1, 0, 0, &out, 128))
    #expect(out == MadeRows(rowBytes: 128).bytes(of: 5))
    #expect(engram_table_open(store, "plain", &table) == ENGRAM_CLOSED)
  }

  @Test func aNewVersionIsSeenWithoutOpeningTheStoreAgain() throws {
    let store = try OpenStore()
    let old = try store.table("plain")
    try ServedStore.publishPlain(in: .init(path: store.made.path, mode: .writing), seed: 7)
    let new = try store.table("plain")
    var info = engram_table_info()
    try check(engram_table_get_info(new, &info))
    #expect(info.version == 2)
    var out = [UInt8](repeating: 0, count: 128)
    try check(engram_table_gather(new, [5], 1, 0, 0, &out, 128))
    #expect(out == MadeRows(rowBytes: 128, seed: 7).bytes(of: 5))
    try check(engram_table_gather(old, [5], 1, 0, 0, &out, 128))
    #expect(out == MadeRows(rowBytes: 128).bytes(of: 5))
    let listing = try json { engram_store_list(store.handle, $0) }
    #expect((listing["tables"] as? [Any])?.count == 4)
    #expect((listing["datasets"] as? [Any])?.count == 3)
    #expect((listing["indexes"] as? [Any])?.count == 1)
  }

  @Test func threadsMayCloseWhatOthersUse() throws {
    let store = try OpenStore()
    let handle = Mutex(try store.table("plain"))
    let folder = store.handle
    let row = MadeRows(rowBytes: 128).bytes(of: 77)
    let wrong = Atomic(0)
    DispatchQueue.concurrentPerform(iterations: 4) { worker in
      for _ in 0..<300 {
        let table = handle.withLock { $0 }
        if worker == 0 {
          handle.withLock { _ = engram_table_open(folder, "plain", &$0) }
          _ = engram_table_close(table)
          continue
        }
        var out = [UInt8](repeating: 0, count: 128)
        let status = Int(engram_table_gather(table, [77], 1, 0, 0, &out, 128))
        if status != ENGRAM_CLOSED, status != ENGRAM_OK || out != row {
          wrong.add(1, ordering: .relaxed)
        }
      }
    }
    #expect(wrong.load(ordering: .relaxed) == 0)
  }

  @Test func freeingNothingIsFine() {
    engram_text_free(nil)
    var text = engram_text()
    engram_text_free(&text)
  }
}
