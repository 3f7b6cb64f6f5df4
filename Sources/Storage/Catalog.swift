import Files
import Foundation

/// The store's list of what exists: a small RocksDB. What it does not name does not exist.
public final class Catalog: Sendable {
  /// The column families, one a kind of thing.
  public enum Family: String, CaseIterable, Sendable {
    /// Published table versions and the counters of their numbers.
    case tables
    /// The folders under `tables/` that are published; any other is garbage.
    case folders
    /// Dataset versions, the counters of their numbers, and dropped versions not yet collected.
    case datasets
    /// How far interrupted ingests came, by dataset.
    case ingests
  }

  private let database: RocksDatabase
  private let logs: String?

  init(path: String, writable: Bool) throws {
    let families = Family.allCases.map(\.rawValue)
    if writable {
      logs = nil
      database = try RocksDatabase(path: path, families: families, mode: .readWrite)
    } else {
      let logs = try TemporaryFolder.create()
      self.logs = logs
      do {
        database = try Self.openForReading(path, families: families, logs: logs)
      } catch {
        try? DurableFile.remove(logs)
        throw error
      }
    }
  }

  /// Reads the whole catalog and checks it against its checksums, parts included that reading
  /// does without. Beside a writer it is asked again where a file was just replaced.
  ///
  /// - Throws: `StorageError.database` where it is damaged.
  public func verifyChecksums() throws(StorageError) {
    for _ in 1..<5 {
      do {
        return try RocksDatabase.verifyChecksums(path: database.path)
      } catch { usleep(20_000) }
    }
    try RocksDatabase.verifyChecksums(path: database.path)
  }

  /// Opens the catalog beside a writer that may be at work.
  ///
  /// A secondary instance takes a damaged file for one that is not complete yet, and shows the
  /// state before it: what was published would seem not to be. A read-only instance refuses such
  /// a file. Beside a writer either may miss one that was just replaced, so both are asked again:
  /// up to five times, and on while writers come and go and each brings another list of files.
  private static func openForReading(
    _ path: String, families: [String], logs: String
  ) throws -> RocksDatabase {
    var attempt = 1
    var (total, seen) = (1, current(path))
    while true {
      do {
        let database = try RocksDatabase(
          path: path, families: families, mode: .secondary(logs: logs))
        _ = try RocksDatabase(path: path, families: families, mode: .immutable(logs: logs))
        return database
      } catch {
        let now = current(path)
        if now != seen { attempt = 0 }
        guard attempt < 5, total < 200 else { throw error }
        (attempt, total, seen) = (attempt + 1, total + 1, now)
        usleep(20_000)
      }
    }
  }

  /// The name of the catalog's list of files, as it is now.
  private static func current(_ path: String) -> [UInt8]? {
    try? DurableFile.read(path + "/CURRENT", limit: 4096)
  }

  deinit {
    if let logs { try? DurableFile.remove(logs) }
  }

  /// The value of a key, `nil` where there is none.
  public func value(of key: [UInt8], in family: Family) throws -> [UInt8]? {
    try database.value(of: key, family: family.rawValue)
  }

  /// All keys with this prefix and their values, in key order.
  public func entries(
    prefix: [UInt8] = [], in family: Family
  ) throws -> [(key: [UInt8], value: [UInt8])] {
    try database.entries(prefix: prefix, family: family.rawValue)
  }

  /// One change of a commit; a `nil` value removes the key.
  public struct Edit: Sendable {
    let family: Family
    let key: [UInt8]
    let value: [UInt8]?

    /// Sets `key` to `value`, or removes it where that is `nil`.
    public init(_ key: [UInt8], _ value: [UInt8]?, in family: Family) {
      self.family = family
      self.key = key
      self.value = value
    }
  }

  /// Makes all edits visible at once, or none of them; durable when it returns.
  public func commit(_ edits: [Edit]) throws {
    try database.commit(
      edits.map { edit in
        if let value = edit.value {
          .put(family: edit.family.rawValue, key: edit.key, value: value)
        } else {
          .delete(family: edit.family.rawValue, key: edit.key)
        }
      })
    #if PLANTED_FAULTS
    // It would make the commit last after all.
    if PlantedFault.isPlanted(.noCommitSync) { return }
    #endif
    // The commit stands: it is in the synced log. A flush that fails must not say otherwise.
    try? database.flush()
  }
}

/// Folders for a process's own scratch files, outside every store.
public enum TemporaryFolder {
  /// Makes a new empty folder under the system's temporary folder; the caller removes it.
  public static func create() throws(FileError) -> String {
    let pattern = NSTemporaryDirectory() + "engram-XXXXXX"
    var template = pattern.utf8CString
    let made = template.withUnsafeMutableBufferPointer { mkdtemp($0.baseAddress!) != nil }
    guard made else { throw FileError("make a folder like", pattern) }
    return String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
