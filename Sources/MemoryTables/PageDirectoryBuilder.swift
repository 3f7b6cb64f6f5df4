import Digests
import Files
import Foundation
import Storage

/// Finds out where pages lie, by a walk through each sorted table file with RocksDB's own reader.
enum PageDirectoryBuilder {
  /// The pages of one file, with their byte offsets.
  typealias FilePages = [(page: Int, offset: Int)]

  /// - Parameter isNew: whether this process has just written the file: it need not be summed.
  /// - Returns: nil where some page is not the file's bytes as they are (a compressed block, say):
  ///   then only copying reads work.
  /// - Throws: `TableError.corruptFile` where keys or sizes are not a table's pages;
  ///   `StorageError` where RocksDB finds damage.
  static func pages(
    of path: String, isNew: Bool = false, manifest: TableManifest
  ) throws -> FilePages? {
    var found: FilePages = []
    var isMapped = true
    try SortedTableWalk.forEach(in: path, isNew: isNew) { key, value in
      guard key.count == 8 else {
        throw TableError.corruptFile(path: path, reason: "a key of \(key.count) bytes")
      }
      let number = UInt64(bigEndian: key.loadUnaligned(as: UInt64.self))
      guard number < UInt64(manifest.pages) else {
        throw TableError.corruptFile(path: path, reason: "page \(number) is not in the table")
      }
      let page = Int(number)
      let rows = min(manifest.rowsPerPage, manifest.rows - page * manifest.rowsPerPage)
      guard value.count == rows * manifest.slotStride else {
        throw TableError.corruptFile(
          path: path, reason: "page \(page) has \(value.count) bytes for \(rows) rows")
      }
      guard let offset = value.offset, offset < 1 << 48 else {
        isMapped = false
        return
      }
      found.append((page, offset))
    }
    return isMapped ? found : nil
  }

  /// The directory of a complete version, from what its files say now.
  ///
  /// - Parameter known: pages of files that were walked already, by name.
  /// - Throws: `TableError.corruptFile` also where there are fewer pages than the manifest says.
  /// - Complexity: reads every file that is not known, once.
  static func build(
    folder: String, manifest: TableManifest, known: [String: FilePages] = [:]
  ) throws -> PageDirectory? {
    let path = folder + "/db"
    let names = try DurableFile.names(in: path).filter { $0.hasSuffix(".sst") }
    guard names.count < 1 << 16, let identity = SHA256Digest(hexadecimal: manifest.identity)
    else { return nil }
    var directory = PageDirectory(
      files: [], entries: [UInt64](repeating: UInt64.max, count: manifest.pages),
      identity: identity)
    for (number, name) in names.enumerated() {
      let file = path + "/" + name
      guard let pages = try known[name] ?? pages(of: file, manifest: manifest) else { return nil }
      for (page, offset) in pages {
        directory.entries[page] = UInt64(number) << 48 | UInt64(offset)
      }
      directory.files.append(try PageDirectory.File(describing: file, name: name))
    }
    // A page that no file has is read as zeros.
    let found = directory.entries.count { $0 != UInt64.max }
    guard found == manifest.storedPages else {
      throw TableError.corruptFile(
        path: path, reason: "it has \(found) pages, the manifest \(manifest.storedPages)")
    }
    return directory
  }
}
