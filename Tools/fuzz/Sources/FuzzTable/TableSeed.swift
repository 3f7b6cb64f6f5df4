import CKernels
import Files
import Foundation
import Storage

@testable import MemoryTables

/// The good table that the fuzzer edits: two thousand rows of 64 numbers, some of them zeros.
enum TableSeed {
  /// A file of the table's folder.
  struct File {
    var name: String
    var bytes: [UInt8]
  }

  static let rows = 2000
  static let rowBytes = 128

  /// The manifest, the page directory, then the sorted table files.
  static var files: [File] { made.files }
  /// As the catalog names it.
  static var published: PublishedTable { made.published }

  /// The bytes of a row.
  static func row(_ number: Int) -> [UInt8] {
    number % 7 == 0
      ? [UInt8](repeating: 0, count: rowBytes)
      : (0..<rowBytes).map { UInt8(truncatingIfNeeded: (number &* 131 &+ $0) &* 167) & 0x3F }
  }

  private static let made: (files: [File], published: PublishedTable) = {
    do { return try make() } catch { fatalError("no table: \(error)") }
  }()

  private static func make() throws -> (files: [File], published: PublishedTable) {
    let scratch = try TemporaryFolder.create()
    defer { try? DurableFile.remove(scratch) }
    let store = try Store(path: scratch + "/store", mode: .writing)
    let draft = TableDraft(
      name: "fuzz", rows: rows, dimension: 64, codec: .bfloat16, source: .init(kind: "rows"))
    _ = try TableWriter(store: store, threads: 1).publish([(draft, SeedRows())])
    let published = try store.publishedTable(TableReference(name: "fuzz"))
    let folder = store.tableFolder(published.id)
    let directory = try MappedPageDirectory(
      path: folder + "/pages", manifest: TableManifest.read(folder + "/manifest.json"))
    let names = ["manifest.json", "pages"] + directory.files.map { "db/" + $0.name }
    let files = try names.map { File(name: $0, bytes: try DurableFile.read(folder + "/" + $0)) }
    return (files, published)
  }

  /// Gives a directory the sums of the ends that the table files have now.
  static func matchEnds(_ directory: inout [UInt8], _ files: ArraySlice<File>, in folder: String) {
    for (index, file) in files.enumerated() {
      let record = PageDirectory.headerBytes + index * PageDirectory.fileRecordBytes
      guard record + PageDirectory.fileRecordBytes <= directory.count,
        let now = try? PageDirectory.File(describing: folder + "/" + file.name, name: "")
      else { return }
      store(UInt64(now.size), &directory, record)
      store(now.tailChecksum, &directory, record + 8)
    }
  }

  /// Gives a directory the manifest's identity and its own checksum.
  static func matchDirectory(_ directory: inout [UInt8], _ manifest: TableManifest) {
    let digits = Array(manifest.identity.utf8)
    guard directory.count >= PageDirectory.headerBytes + 4, digits.count == 64 else { return }
    for index in 0..<32 {
      let pair = String(decoding: digits[(2 * index)..<(2 * index + 2)], as: UTF8.self)
      directory[32 + index] = UInt8(pair, radix: 16) ?? 0
    }
    let end = directory.count - 4
    let sum = directory.withUnsafeBytes { engram_crc32c(0, $0.baseAddress, end) }
    store(sum, &directory, end)
  }

  private static func store<Value: FixedWidthInteger>(
    _ value: Value, _ bytes: inout [UInt8], _ place: Int
  ) {
    withUnsafeBytes(of: value.littleEndian) {
      bytes.replaceSubrange(place..<place + $0.count, with: $0)
    }
  }

  private struct SeedRows: RowSource {
    let rowBytes = TableSeed.rowBytes

    func copyRows(
      _ rows: Range<Int>, into slots: UnsafeMutableRawPointer, stride: Int
    ) throws {
      for (index, row) in rows.enumerated() {
        TableSeed.row(row).withUnsafeBytes {
          (slots + index * stride).copyMemory(from: $0.baseAddress!, byteCount: $0.count)
        }
      }
    }
  }
}
