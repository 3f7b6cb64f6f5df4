import CKernels
import Files
import Foundation

/// A version's sorted table files, mapped, and the directory that says where its pages lie in
/// them. From here on a row is an address.
final class MappedPages: Sendable {
  let files: [MappedFile]
  let names: [String]
  // The view points into `bases`, which this object owns, and into mappings that `directory`
  // and `files` keep alive; nobody writes any of it after init.
  nonisolated(unsafe) private(set) var view: engram_table_view
  private nonisolated(unsafe) let bases: UnsafeMutablePointer<UnsafePointer<UInt8>?>
  private let directory: MappedFile?
  private nonisolated(unsafe) let ownEntries: UnsafeMutablePointer<UInt64>?

  /// Maps the files that a stored directory names.
  convenience init(
    directory: MappedPageDirectory, folder: String, manifest: TableManifest
  ) throws {
    let entries = directory.file.bytes.baseAddress! + directory.entriesOffset
    try self.init(
      files: directory.files, entries: entries.assumingMemoryBound(to: UInt64.self),
      mapped: directory.file, own: nil, folder: folder, manifest: manifest)
  }

  /// Maps the files of a directory that was built anew.
  convenience init(
    rebuilt directory: PageDirectory, folder: String, manifest: TableManifest
  )
    throws
  {
    let own = UnsafeMutablePointer<UInt64>.allocate(capacity: max(1, directory.entries.count))
    own.initialize(from: directory.entries, count: directory.entries.count)
    try self.init(
      files: directory.files, entries: own, mapped: nil, own: own, folder: folder,
      manifest: manifest)
  }

  private init(
    files: [PageDirectory.File], entries: UnsafePointer<UInt64>, mapped: MappedFile?,
    own: UnsafeMutablePointer<UInt64>?, folder: String, manifest: TableManifest
  ) throws {
    directory = mapped
    ownEntries = own
    names = files.map(\.name)
    bases = .allocate(capacity: max(1, files.count))
    view = engram_table_view(
      files: UnsafePointer(bases), pages: entries, row_count: UInt64(manifest.rows),
      page_reciprocal: UInt64.max / UInt64(manifest.rowsPerPage) &+ 1,
      rows_per_page: UInt32(manifest.rowsPerPage), row_bytes: UInt32(manifest.rowBytes),
      stride: UInt32(manifest.slotStride), salt_crc: Self.saltChecksum(manifest.saltNumber))
    var opened: [MappedFile] = []
    do {
      for (index, file) in files.enumerated() {
        let path = folder + "/db/" + file.name
        let mappedFile = try MappedFile(path: path, access: .random)
        guard mappedFile.count == file.size else {
          throw TableError.corruptFile(
            path: path, reason: "it has \(mappedFile.count) bytes instead of \(file.size)")
        }
        let found = try PageDirectory.File(describing: path, name: file.name)
        guard found.tailChecksum == file.tailChecksum else {
          throw TableError.corruptFile(path: path, reason: "its end is not what was published")
        }
        bases[index] = mappedFile.bytes.baseAddress?.assumingMemoryBound(to: UInt8.self)
        opened.append(mappedFile)
      }
    } catch {
      self.files = opened
      throw error
    }
    self.files = opened
  }

  deinit {
    bases.deallocate()
    ownEntries?.deallocate()
  }

  /// Gives all mapped pages back; the next read maps them again.
  func release() {
    for file in files { file.release(0..<file.count) }
  }

  static func saltChecksum(_ salt: UInt64) -> UInt32 {
    withUnsafeBytes(of: salt.littleEndian) { engram_crc32c(0, $0.baseAddress, $0.count) }
  }

  /// Where a page lies: file number and byte offset; `nil` where it is absent.
  func place(ofPage page: Int) -> (file: Int, offset: Int)? {
    let entry = view.pages[page]
    guard entry != UInt64.max else { return nil }
    return (Int(entry >> 48), Int(entry & 0xFFFF_FFFF_FFFF))
  }

  func isStored(page: Int) -> Bool { view.pages[page] != UInt64.max }

  /// Where a row's slot lies: file name and byte offset; `nil` where its page is absent.
  func location(of row: Int64) -> (file: String, offset: Int)? {
    let (page, slot) = Int(row).quotientAndRemainder(dividingBy: Int(view.rows_per_page))
    return place(ofPage: page).map {
      (file: names[$0.file], offset: $0.offset + slot * Int(view.stride))
    }
  }
}
