import Files
import Foundation
import MemoryTables
import SeededRandom
import Storage

/// Rows whose bytes follow from their number; rows of `zero` are all zero.
struct NumberedRows: RowSource {
  var rowBytes: Int
  var seed: UInt64 = 1
  var zero: Range<Int> = 0..<0
  /// All others are zero, where this is not nil.
  var onlyNonzero: Set<Int>?
  var failsAt: Int?

  struct Failure: Error {}

  func bytes(of row: Int) -> [UInt8] {
    if zero.contains(row) || onlyNonzero?.contains(row) == false {
      return [UInt8](repeating: 0, count: rowBytes)
    }
    var generator = SeededGenerator(seed: seed &* 0x1_0001 &+ UInt64(row))
    return (0..<rowBytes).map { _ in UInt8(truncatingIfNeeded: generator.next()) }
  }

  func copyRows(_ rows: Range<Int>, into slots: UnsafeMutableRawPointer, stride: Int) throws {
    for (index, row) in rows.enumerated() {
      if row == failsAt { throw Failure() }
      let bytes = bytes(of: row)
      (slots + index * stride).copyMemory(from: bytes, byteCount: rowBytes)
    }
  }
}

/// A store in a folder of its own, removed with the object.
final class StoreFixture {
  let path: String

  init() throws { path = try TemporaryFolder.create() + "/store" }

  deinit { try? DurableFile.remove(path) }

  func draft(
    _ name: String = "t", rows: Int, dimension: Int = 256, codec: RowCodec = .fp8E4M3ScaledBy32
  ) -> TableDraft {
    TableDraft(
      name: name, rows: rows, dimension: dimension, codec: codec, source: .init(kind: "rows"))
  }

  @discardableResult
  func publish(
    _ draft: TableDraft, _ source: NumberedRows, threads: Int = 2
  ) throws
    -> PublishedTable
  {
    let store = try Store(path: path, mode: .writing)
    return try TableWriter(store: store, threads: threads).publish([(draft, source)])[0]
  }

  func open(_ name: String = "t", access: Table.Access = .mapped) throws -> Table {
    try Table(
      TableReference(parsing: name), in: Store(path: path, mode: .reading), access: access)
  }

  /// The folder of the newest version of table `t`.
  func folder() throws -> String {
    let store = try Store(path: path, mode: .reading)
    return store.tableFolder(try store.publishedTable(TableReference(name: "t")).id)
  }
}
