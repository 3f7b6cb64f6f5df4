import CRocksDB
import CSortedFiles
import Files
import Foundation
import Synchronization

/// An open RocksDB: the only type that sees RocksDB's pointers, with `RocksDatabase+Ingest`.
///
/// All calls are safe from many threads at once, as RocksDB's are.
public final class RocksDatabase: Sendable {
  /// How a database is opened.
  public enum Mode: Sendable {
    /// For reading and writing; creates what is missing. RocksDB's lock admits one such process.
    case readWrite
    /// For reading, beside a process that writes: a snapshot of the moment of opening. `logs`
    /// is a folder that this process may write RocksDB's own log to.
    case secondary(logs: String)
    /// For reading what nobody writes any more; values are read from mapped files where they
    /// are not compressed.
    case immutable(logs: String)
  }

  /// One change of an atomic batch.
  public enum Edit: Sendable {
    /// Sets a value.
    case put(family: String, key: [UInt8], value: [UInt8])
    /// Removes a key; one that is not there is no error.
    case delete(family: String, key: [UInt8])
  }

  /// The folder of the database.
  public let path: String

  // RocksDB's handles are safe to use from every thread; they are set once and freed in deinit.
  nonisolated(unsafe) let handle: OpaquePointer
  nonisolated(unsafe) let families: [String: OpaquePointer]
  /// What the first commit that failed was told; nothing is committed after it.
  private let failedCommit = Mutex<StorageError?>(nil)

  /// Opens the database in `path` with column families of these names ("default" is implied).
  ///
  /// - Throws: `StorageError.database` with RocksDB's own words.
  public init(path: String, families names: [String] = [], mode: Mode) throws(StorageError) {
    self.path = path
    if case .readWrite = mode { try Self.requireSpace(at: path) }
    let options = Self.makeOptions(mode: mode)
    defer { rocksdb_options_destroy(options) }
    var names = names
    if !names.contains("default") { names.insert("default", at: 0) }
    // A reader of an older store does without the families that it lacks.
    let isWritable = if case .readWrite = mode { true } else { false }
    if !isWritable, names.count > 1 {
      let present = try Self.families(of: path, options: options)
      names.removeAll { !present.contains($0) }
    }
    var handles = [OpaquePointer?](repeating: nil, count: names.count)
    let familyOptions = [OpaquePointer?](repeating: options, count: names.count)
    var failure: UnsafeMutablePointer<CChar>?
    let opened: OpaquePointer? = withCStrings(names) { names in
      let count = Int32(handles.count)
      switch mode {
      case .readWrite:
        return rocksdb_open_column_families(
          options, path, count, names, familyOptions, &handles, &failure)
      case .secondary(let logs):
        return rocksdb_open_as_secondary_column_families(
          options, path, logs, count, names, familyOptions, &handles, &failure)
      case .immutable:
        return rocksdb_open_for_read_only_column_families(
          options, path, count, names, familyOptions, &handles, 0, &failure)
      }
    }
    try Self.check(&failure, "open", path)
    handle = opened!  // RocksDB returns a database where it reports no failure.
    families = Dictionary(uniqueKeysWithValues: zip(names, handles.map { $0! }))
  }

  /// The column families of a database.
  private static func families(
    of path: String, options: OpaquePointer
  ) throws(StorageError) -> Set<String> {
    var count = 0
    var failure: UnsafeMutablePointer<CChar>?
    let names = rocksdb_list_column_families(options, path, &count, &failure)
    try check(&failure, "open", path)
    guard let names else { return [] }
    defer { rocksdb_list_column_families_destroy(names, count) }
    return Set((0..<count).compactMap { names[$0].map { String(cString: $0) } })
  }

  deinit {
    for family in families.values { rocksdb_column_family_handle_destroy(family) }
    rocksdb_close(handle)
  }

  /// The value of a key, `nil` where there is none. Its checksum is checked.
  public func value(of key: [UInt8], family: String = "default") throws(StorageError) -> [UInt8]? {
    try withValue(of: key, family: family) { $0.map { Array($0) } }
  }

  /// Calls `body` with the value's bytes in place, `nil` where there is none; they are valid
  /// only during the call.
  public func withValue<Result>(
    of key: [UInt8], family: String = "default", verifyingChecksums: Bool = true,
    _ body: (UnsafeRawBufferPointer?) -> Result
  ) throws(StorageError) -> Result {
    guard let family = families[family] else { return body(nil) }
    let options = rocksdb_readoptions_create()
    defer { rocksdb_readoptions_destroy(options) }
    rocksdb_readoptions_set_verify_checksums(options, verifyingChecksums ? 1 : 0)
    var failure: UnsafeMutablePointer<CChar>?
    let pinned = key.withUnsafeBufferPointer { key in
      key.withMemoryRebound(to: CChar.self) {
        rocksdb_get_pinned_cf(
          handle, options, family, $0.baseAddress, $0.count, &failure)
      }
    }
    try Self.check(&failure, "read from", path)
    guard let pinned else { return body(nil) }
    defer { rocksdb_pinnableslice_destroy(pinned) }
    var count = 0
    let bytes = rocksdb_pinnableslice_value(pinned, &count)
    return body(UnsafeRawBufferPointer(start: bytes, count: count))
  }

  /// All keys that begin with `prefix`, with their values, in key order.
  public func entries(
    prefix: [UInt8] = [], family: String = "default"
  ) throws(StorageError) -> [(key: [UInt8], value: [UInt8])] {
    guard let family = families[family] else { return [] }
    let options = rocksdb_readoptions_create()
    defer { rocksdb_readoptions_destroy(options) }
    let iterator = rocksdb_create_iterator_cf(handle, options, family)
    defer { rocksdb_iter_destroy(iterator) }
    prefix.withUnsafeBufferPointer {
      $0.withMemoryRebound(to: CChar.self) {
        rocksdb_iter_seek(iterator, $0.baseAddress, $0.count)
      }
    }
    var entries: [(key: [UInt8], value: [UInt8])] = []
    while rocksdb_iter_valid(iterator) != 0 {
      var keyCount = 0
      var valueCount = 0
      let key = rocksdb_iter_key(iterator, &keyCount)
      let value = rocksdb_iter_value(iterator, &valueCount)
      let keyBytes = Array(UnsafeRawBufferPointer(start: key, count: keyCount))
      guard keyBytes.starts(with: prefix) else { break }
      entries.append((keyBytes, Array(UnsafeRawBufferPointer(start: value, count: valueCount))))
      rocksdb_iter_next(iterator)
    }
    var failure: UnsafeMutablePointer<CChar>?
    rocksdb_iter_get_error(iterator, &failure)
    try Self.check(&failure, "read from", path)
    return entries
  }

  /// Applies all edits or none, and returns when they are on the disk.
  ///
  /// Once that has failed the log may have lost what was written to it, and a later flush would not
  /// say so: every further commit is refused as the first was, until the database is opened anew.
  public func commit(_ edits: [Edit]) throws(StorageError) {
    if let failure = failedCommit.withLock({ $0 }) { throw failure }
    try Self.requireSpace(at: path)
    let batch = rocksdb_writebatch_create()
    defer { rocksdb_writebatch_destroy(batch) }
    for edit in edits {
      switch edit {
      case .put(let family, let key, let value):
        withCharacters(key) { key in
          withCharacters(value) { value in
            rocksdb_writebatch_put_cf(
              batch, families[family], key.baseAddress, key.count, value.baseAddress, value.count)
          }
        }
      case .delete(let family, let key):
        withCharacters(key) {
          rocksdb_writebatch_delete_cf(batch, families[family], $0.baseAddress, $0.count)
        }
      }
    }
    let options = rocksdb_writeoptions_create()
    defer { rocksdb_writeoptions_destroy(options) }
    rocksdb_writeoptions_set_sync(options, 1)
    #if PLANTED_FAULTS
    if PlantedFault.isPlanted(.noCommitSync) { rocksdb_writeoptions_set_sync(options, 0) }
    #endif
    var failure: UnsafeMutablePointer<CChar>?
    rocksdb_write(handle, options, batch, &failure)
    guard failure != nil else { return }
    let error = Self.error(&failure, "commit to", path)
    failedCommit.withLock { $0 = $0 ?? error }
    throw error
  }

  /// Moves what the write-ahead log holds into sorted files, whose blocks carry checksums.
  public func flush() throws(StorageError) {
    let options = rocksdb_flushoptions_create()
    defer { rocksdb_flushoptions_destroy(options) }
    rocksdb_flushoptions_set_wait(options, 1)
    for family in families.values {
      var failure: UnsafeMutablePointer<CChar>?
      rocksdb_flush_cf(handle, options, family, &failure)
      try Self.check(&failure, "flush", path)
    }
  }

  /// Reads all files of the database in a folder and checks every block against its checksum.
  ///
  /// - Throws: `StorageError.database` where one does not match.
  static func verifyChecksums(path: String) throws(StorageError) {
    var failure: UnsafeMutablePointer<CChar>?
    guard engram_database_verify(path, &failure) != 0 else {
      throw error(&failure, "verify", path)
    }
  }

  /// Free space without which nothing is written. What a small commit and its flush write fits in
  /// it many times over.
  public static let reservedBytes = 4 << 20

  /// Throws `.diskFull` where less than the reserve is free. RocksDB must not meet a full disk:
  /// builds with assertions, such as Debian's, abort the process then.
  package static func requireSpace(at path: String) throws(StorageError) {
    var status = statvfs()
    // A folder that is to be made lies on its parent's disk.
    let parent = URL(fileURLWithPath: path).deletingLastPathComponent().path
    guard statvfs(path, &status) == 0 || statvfs(parent, &status) == 0 else { return }
    let free = Int(clamping: status.f_bavail) * Int(clamping: status.f_frsize)
    guard free >= reservedBytes else {
      throw .diskFull(path: path, free: free, needed: reservedBytes)
    }
  }

  static func makeOptions(mode: Mode) -> OpaquePointer {
    let options = rocksdb_options_create()!
    rocksdb_options_set_create_if_missing(options, 1)
    rocksdb_options_set_create_missing_column_families(options, 1)
    rocksdb_options_set_compression(options, Int32(rocksdb_no_compression))
    rocksdb_options_set_keep_log_file_num(options, 1)
    // Nothing, errors neither: they are told to the caller. Where a disk is full and RocksDB cannot
    // write its own log, the next line of it ends the process, by an assertion.
    rocksdb_options_set_info_log_level(options, 6)  // NUM_INFO_LOG_LEVELS, above every level
    rocksdb_options_set_max_open_files(options, -1)
    // 4 MiB otherwise, a whole reserve (see `reservedBytes`).
    rocksdb_options_set_manifest_preallocation_size(options, 64 << 10)
    // A torn record at the end is what a crash leaves; a bad one before it is an error.
    rocksdb_options_set_wal_recovery_mode(
      options, Int32(rocksdb_tolerate_corrupted_tail_records_recovery))
    switch mode {
    case .readWrite: break
    case .secondary(let logs): rocksdb_options_set_db_log_dir(options, logs)
    case .immutable(let logs):
      rocksdb_options_set_db_log_dir(options, logs)
      rocksdb_options_set_allow_mmap_reads(options, 1)
    }
    let table = rocksdb_block_based_options_create()
    defer { rocksdb_block_based_options_destroy(table) }
    rocksdb_block_based_options_set_checksum(table, 4)  // kXXH3
    // The newest whose index can be read without the block of properties: where that is damaged,
    // RocksDB goes on with what it supposes, and finds less than there is in newer ones.
    rocksdb_block_based_options_set_format_version(table, 2)
    rocksdb_options_set_block_based_table_factory(options, table)
    return options
  }

  /// Throws what RocksDB reported, and frees its text.
  static func check(
    _ failure: inout UnsafeMutablePointer<CChar>?, _ operation: String, _ path: String
  ) throws(StorageError) {
    guard failure != nil else { return }
    throw error(&failure, operation, path)
  }

  /// The error that RocksDB reported, whose text is freed.
  static func error(
    _ failure: inout UnsafeMutablePointer<CChar>?, _ operation: String, _ path: String
  ) -> StorageError {
    let reason = failure.map { String(cString: $0) } ?? "no reason given"
    free(failure)
    failure = nil
    return .database(
      operation: operation, path: path,
      reason: reason.split(whereSeparator: \.isNewline).joined(separator: " "))
  }
}

/// Calls `body` with the bytes as C characters.
func withCharacters<Result>(
  _ bytes: [UInt8], _ body: (UnsafeBufferPointer<CChar>) -> Result
) -> Result {
  bytes.withUnsafeBufferPointer { $0.withMemoryRebound(to: CChar.self) { body($0) } }
}

/// Calls `body` with an array of C strings.
func withCStrings<Result>(
  _ strings: [String], _ body: ([UnsafePointer<CChar>?]) -> Result
) -> Result {
  // Each string's bytes stay in place in one buffer while `body` runs.
  var bytes: [CChar] = []
  var starts: [Int] = []
  for string in strings {
    starts.append(bytes.count)
    bytes.append(contentsOf: string.utf8CString)
  }
  return bytes.withUnsafeBufferPointer { buffer in
    body(starts.map { buffer.baseAddress! + $0 })
  }
}
