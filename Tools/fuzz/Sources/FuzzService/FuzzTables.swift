import Addressing
import Foundation
import MemoryTables
import Serving
import Storage

/// Two small tables for requests to ask, made when the first does.
enum FuzzTables {
  /// Tokens lead to four rows each.
  static let hashed = tables.hashed
  /// N-grams lead to a row each.
  static let exact = tables.exact

  private static let tables = orDie(make)

  private static func make() throws -> (hashed: OpenTable, exact: OpenTable) {
    let folder = try TemporaryFolder.create()
    // Open files outlive their folder.
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let writer = try Store(path: folder + "/store", mode: .writing)
    let addressing = try Addressing(
      preset: "fuzz", layer: 1, bucketSizes: [[101, 103], [107, 109]],
      multipliers: [1_000_003, 2_000_003, 3_000_017], tokens: .raw(vocabularySize: 500),
      boundary: .segmentStart(padTokenID: 0))
    let ngrams: [[Int32]] = [[1], [1, 2], [2, 3], [3], [7, 8, 9]]
    let hashed = TableDraft(
      name: "hashed", rows: 420, dimension: 64, codec: .fp8E4M3ScaledBy32, addressing: addressing,
      source: .init(kind: "rows"))
    let exact = TableDraft(
      name: "exact", rows: ngrams.count, dimension: 64, codec: .float32,
      exact: ExactIndex(ngrams: NgramList(ngrams), tokens: .raw(vocabulary: 20)),
      source: .init(kind: "vectors"))
    _ = try TableWriter(store: writer, threads: 1).publish([
      (hashed, ZeroRows(rowBytes: 66)), (exact, ZeroRows(rowBytes: 256)),
    ])
    let store = try Store(path: folder + "/store", mode: .reading)
    return (try OpenTable("hashed", in: store), try OpenTable("exact", in: store))
  }
}

private struct ZeroRows: RowSource {
  var rowBytes: Int

  func copyRows(_ rows: Range<Int>, into slots: UnsafeMutableRawPointer, stride: Int) throws {
    for index in 0..<rows.count {
      (slots + index * stride).initializeMemory(as: UInt8.self, repeating: 0, count: rowBytes)
    }
  }
}
