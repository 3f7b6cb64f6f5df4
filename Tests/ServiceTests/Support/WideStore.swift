import Files
import Foundation
import MemoryTables
import Storage
import TestCheckpoints
import TestStores

/// A store with one table, `wide`: 64 rows of 4 KiB, so that a small request has a large answer.
final class WideStore: Sendable {
  static let rowBytes = 4096
  static let rows = 64

  /// One for all tests.
  static let shared: Result<WideStore, any Error> = Result {
    let made = try WideStore()
    // Nothing ends the life of a static value.
    atexit { try? DurableFile.remove(WideStore.shared.get().scratch.path) }
    return made
  }

  let scratch: ScratchFolder
  var path: String { scratch("store") }

  private init() throws {
    scratch = try ScratchFolder()
    let store = try Store(path: scratch("store"), mode: .writing)
    let draft = TableDraft(
      name: "wide", rows: Self.rows, dimension: Self.rowBytes / 4, codec: .float32,
      source: .init(kind: "rows"))
    _ = try TableWriter(store: store, threads: 1).publish([
      (draft, MadeRows(rowBytes: Self.rowBytes))
    ])
  }

  /// A request for so many rows.
  static func request(rows count: Int, _ headers: [String: String] = [:]) -> [UInt8] {
    Wire.request(
      "POST", "/v1/tables/wide/rows",
      headers.merging(["Content-Type": "application/octet-stream"]) { $1 },
      body: bytes((0..<count).map { $0 % rows }))
  }
}
