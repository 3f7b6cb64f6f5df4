import CKernels
import Digests
import Files
import Foundation

/// Where each page of a version lies: the file `pages` beside its database, 8 bytes a page.
/// Byte layout: `Schemas/page-directory.md`.
///
/// Written once, at publish; a reader maps it and the sorted table files, and from then on needs
/// RocksDB no more.
struct PageDirectory: Sendable {
  static let magic = Array("ENGRMDIR".utf8)
  static let formatVersion: UInt32 = 1
  static let headerBytes = 80
  static let fileRecordBytes = 80
  static let longestName = 64

  /// One sorted table file.
  struct File: Hashable, Sendable {
    var name: String
    var size: Int
    /// CRC32C of the file's last 4,096 bytes (or all, where it is shorter). They hold the
    /// properties that RocksDB makes unique for each file: another file of the same name and
    /// size is found out at once.
    var tailChecksum: UInt32

    init(name: String, size: Int, tailChecksum: UInt32) {
      self.name = name
      self.size = size
      self.tailChecksum = tailChecksum
    }

    /// A file as it is on the disk now.
    init(describing path: String, name: String) throws(FileError) {
      let descriptor = open(path, O_RDONLY | O_CLOEXEC)
      guard descriptor >= 0 else { throw FileError("open", path) }
      defer { close(descriptor) }
      var status = stat()
      guard fstat(descriptor, &status) == 0 else { throw FileError("stat", path) }
      let size = Int(status.st_size)
      var tail = [UInt8](repeating: 0, count: min(size, 4096))
      let count = pread(descriptor, &tail, tail.count, off_t(size - tail.count))
      guard count == tail.count else { throw FileError("read", path) }
      self.init(name: name, size: size, tailChecksum: engram_crc32c(0, tail, tail.count))
    }
  }

  /// The files, in the order that entries number them.
  var files: [File]
  /// One entry a page: file number * 2^48 + byte offset, or `UInt64.max` for an absent page.
  var entries: [UInt64]
  var identity: SHA256Digest

  /// The whole file's bytes.
  func encoded(rowsPerPage: Int, stride: Int) -> [UInt8] {
    var bytes = Self.magic
    func append<Value: FixedWidthInteger>(_ value: Value) {
      withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
    }
    append(Self.formatVersion)
    append(UInt32(files.count))
    append(UInt64(entries.count))
    append(UInt32(rowsPerPage))
    append(UInt32(stride))
    bytes.append(contentsOf: identity.bytes)
    bytes.append(contentsOf: [UInt8](repeating: 0, count: Self.headerBytes - bytes.count))
    for file in files {
      append(UInt64(file.size))
      append(file.tailChecksum)
      append(UInt32(file.name.utf8.count))
      bytes.append(contentsOf: file.name.utf8)
      let padding = Self.longestName - file.name.utf8.count
      bytes.append(contentsOf: [UInt8](repeating: 0, count: padding))
    }
    bytes.reserveCapacity(bytes.count + 8 * entries.count + 4)
    for entry in entries { append(entry) }
    append(bytes.withUnsafeBytes { engram_crc32c(0, $0.baseAddress, $0.count) })
    return bytes
  }
}

/// A page directory as a reader has it: mapped, checked against its own checksum, the manifest
/// and the files.
struct MappedPageDirectory: Sendable {
  let file: MappedFile
  let files: [PageDirectory.File]
  let entriesOffset: Int
  let pages: Int

  /// - Throws: `TableError.foreignDirectory` where it is another version's, `.corruptFile`
  ///   where it is damaged, `.newerFormat`, `FileError`.
  init(path: String, manifest: TableManifest) throws {
    file = try MappedFile(path: path)
    let bytes = file.bytes
    func corrupt(_ reason: String) -> TableError { .corruptFile(path: path, reason: reason) }
    guard bytes.count >= PageDirectory.headerBytes + 4,
      bytes.prefix(8).elementsEqual(PageDirectory.magic)
    else { throw corrupt("it is no page directory") }
    let format = bytes.loadUnaligned(fromByteOffset: 8, as: UInt32.self)
    guard format <= PageDirectory.formatVersion else {
      throw TableError.newerFormat(
        path: path, found: Int(format), supported: Int(PageDirectory.formatVersion))
    }
    let fileCount = Int(bytes.loadUnaligned(fromByteOffset: 12, as: UInt32.self))
    let pageCount = bytes.loadUnaligned(fromByteOffset: 16, as: UInt64.self)
    guard fileCount < 1 << 16, pageCount < 1 << 48 else { throw corrupt("its counts") }
    pages = Int(pageCount)
    entriesOffset = PageDirectory.headerBytes + fileCount * PageDirectory.fileRecordBytes
    guard bytes.count == entriesOffset + 8 * pages + 4 else {
      throw corrupt("its size is not that of \(pages) pages in \(fileCount) files")
    }
    let stored = bytes.loadUnaligned(fromByteOffset: bytes.count - 4, as: UInt32.self)
    guard engram_crc32c(0, bytes.baseAddress, bytes.count - 4) == stored else {
      throw corrupt("its checksum does not match")
    }
    guard SHA256Digest(hexadecimal: manifest.identity).map({ $0.bytes }) == Array(bytes[32..<64]),
      pages == manifest.pages,
      bytes.loadUnaligned(fromByteOffset: 24, as: UInt32.self) == manifest.rowsPerPage,
      bytes.loadUnaligned(fromByteOffset: 28, as: UInt32.self) == manifest.slotStride
    else { throw TableError.foreignDirectory(path: path) }
    var files: [PageDirectory.File] = []
    for index in 0..<fileCount {
      let start = PageDirectory.headerBytes + index * PageDirectory.fileRecordBytes
      let size = bytes.loadUnaligned(fromByteOffset: start, as: UInt64.self)
      let length = Int(bytes.loadUnaligned(fromByteOffset: start + 12, as: UInt32.self))
      guard size < 1 << 48, length <= PageDirectory.longestName else { throw corrupt("a name") }
      let name = String(decoding: bytes[(start + 16)..<(start + 16 + length)], as: UTF8.self)
      guard !name.contains("/"), !name.isEmpty else { throw corrupt("a file's name") }
      files.append(
        .init(
          name: name, size: Int(size),
          tailChecksum: bytes.loadUnaligned(fromByteOffset: start + 8, as: UInt32.self)))
    }
    self.files = files
    try checkEntries(path: path, manifest: manifest)
  }

  /// Every page lies inside its file, so that no row can be read outside the mappings.
  private func checkEntries(path: String, manifest: TableManifest) throws {
    var absent = 0
    let sizes = files.map { UInt64($0.size) }
    let entries = (file.bytes.baseAddress! + entriesOffset).assumingMemoryBound(to: UInt64.self)
    let fullPage = UInt64(manifest.rowsPerPage * manifest.slotStride)
    let lastRows = manifest.rows - (pages - 1) * manifest.rowsPerPage
    let bad = engram_check_pages(
      entries, pages, sizes, sizes.count, fullPage, UInt64(lastRows * manifest.slotStride),
      &absent)
    guard bad == pages else {
      throw TableError.corruptFile(path: path, reason: "page \(bad) lies outside its file")
    }
    guard pages - absent == manifest.storedPages else {
      throw TableError.corruptFile(
        path: path,
        reason: "it has \(pages - absent) pages, the manifest \(manifest.storedPages)")
    }
  }
}
