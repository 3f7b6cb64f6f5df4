import CKernels
import Files
import Foundation
import Storage

/// An open, published version of a memory table: fixed-width rows by number.
///
///     let store = try Store(path: "store", mode: .reading)
///     let table = try Table(TableReference(name: "deepseek-v4.1/layer1"), in: store)
///     let bytes = try table.gather([17, 4, 17])  // 3 * rowBytes bytes
///
/// The version never changes. Any number of threads and processes gather at once, without a
/// lock; they share one copy of the data, the system's page cache.
public final class Table: Sendable {
  /// Where rows are read from.
  public enum Access: Sendable, Hashable {
    /// Straight from mapped files, by the page directory.
    case mapped
    /// Copied through RocksDB: what is left where pages cannot be mapped.
    case database
  }

  /// When checksums of rows are compared.
  public enum Verification: Sendable {
    /// On every read.
    case always
    /// Never: for those who measure what checking costs.
    case never
  }

  /// Where the page directory of this object came from.
  public enum DirectoryOrigin: Sendable, Hashable {
    /// The file that was written at publish.
    case stored
    /// Built anew through RocksDB, in memory: what the error says is wrong with the file.
    case rebuilt(because: String)
  }

  /// What this version is.
  public let manifest: TableManifest
  /// The version as the catalog names it.
  public let published: PublishedTable
  /// The version's folder.
  public let folder: String
  /// How this object reads rows.
  public let access: Access
  /// Whether this object checks rows.
  public let verification: Verification
  /// Where the page directory came from; `nil` where access is through the database.
  public let directoryOrigin: DirectoryOrigin?

  let pages: MappedPages?
  let database: RocksDatabase?

  /// Opens a version: the newest of that name where the reference names none.
  ///
  /// - Parameter access: `.mapped`, unless you measure the other.
  /// - Throws: `TableError`, `StorageError`, `FileError`.
  /// - Complexity: O(files + pages / 8 bytes of directory); independent of what the rows hold.
  public convenience init(
    _ reference: TableReference, in store: Store, access: Access = .mapped,
    verification: Verification = .always
  ) throws {
    let published = try store.publishedTable(reference)
    do {
      try self.init(
        published: published, folder: store.tableFolder(published.id), access: access,
        verification: verification)
    } catch {
      // Where it was dropped since the catalog was asked, that is what is said, not which file is gone.
      if (try? store.isPublishedNow(published)) == false {
        _ = try Store(path: store.path, mode: .reading).publishedTable(
          TableReference(name: published.name, version: published.version))
      }
      throw error
    }
  }

  init(
    published: PublishedTable, folder: String, access: Access, verification: Verification
  ) throws {
    self.published = published
    self.folder = folder
    self.verification = verification
    let manifest = try TableManifest.published(published, folder: folder)
    self.manifest = manifest
    guard access == .mapped else {
      pages = nil
      directoryOrigin = nil
      self.access = .database
      database = try Self.openDatabase(folder, manifest)
      return
    }
    do {
      let directory = try MappedPageDirectory(path: folder + "/pages", manifest: manifest)
      pages = try MappedPages(directory: directory, folder: folder, manifest: manifest)
      directoryOrigin = .stored
    } catch let error where error is TableError || error is FileError {
      if case .newerFormat? = error as? TableError { throw error }
      if case .corruptFile(let path, _)? = error as? TableError, path.hasSuffix(".sst") {
        throw error
      }
      // A file of rows is missing: built anew, the directory would do without it.
      if let error = error as? FileError, error.path.hasSuffix(".sst") { throw error }
      guard let rebuilt = try Self.rebuild(folder: folder, manifest: manifest) else {
        // The pages are not mapped files' bytes: copy them.
        pages = nil
        directoryOrigin = nil
        self.access = .database
        database = try Self.openDatabase(folder, manifest)
        return
      }
      pages = rebuilt
      directoryOrigin = .rebuilt(because: "\(error)")
    }
    self.access = .mapped
    database = nil
  }

  /// Opens the version's database for reading; RocksDB's own log goes to a scratch folder. Compares its
  /// pages with the manifest's: where a file is missing, or RocksDB's own list of them was cut short,
  /// there would be rows of zeros and no errors.
  static func openDatabase(_ folder: String, _ manifest: TableManifest) throws -> RocksDatabase {
    let logs = try TemporaryFolder.create()
    defer { try? DurableFile.remove(logs) }
    let database = try RocksDatabase(path: folder + "/db", mode: .immutable(logs: logs))
    guard database.entryCount == manifest.storedPages else {
      throw TableError.corruptFile(
        path: folder + "/db",
        reason: "it has \(database.entryCount ?? 0) pages, the manifest \(manifest.storedPages)")
    }
    return database
  }

  /// The pages by what the files themselves say; `nil` where they cannot be mapped.
  ///
  /// - Throws: `TableError.corruptFile` where pages are missing, which would be read as zeros;
  ///   `StorageError.database` where a file does not match its checksums.
  static func rebuild(folder: String, manifest: TableManifest) throws -> MappedPages? {
    guard
      let directory = try PageDirectoryBuilder.build(
        folder: folder, manifest: manifest)
    else { return nil }
    return try MappedPages(rebuilt: directory, folder: folder, manifest: manifest)
  }
}
