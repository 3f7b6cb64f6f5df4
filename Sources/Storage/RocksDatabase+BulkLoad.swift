import CRocksDB

/// Writes one sorted table file (SST) for a bulk load: keys ascending, values as they are, no
/// compression, xxh3 block checksums.
///
/// One thread at a time; several writers may run beside one another on files of their own.
public final class SortedTableWriter {
  private let path: String
  private let writer: OpaquePointer
  private let options: OpaquePointer
  private let environment: OpaquePointer

  /// Creates the file.
  public init(creating path: String) throws(StorageError) {
    self.path = path
    options = RocksDatabase.makeOptions(mode: .readWrite)
    environment = rocksdb_envoptions_create()
    writer = rocksdb_sstfilewriter_create(environment, options)
    var failure: UnsafeMutablePointer<CChar>?
    rocksdb_sstfilewriter_open(writer, path, &failure)
    try RocksDatabase.check(&failure, "create", path)
  }

  deinit {
    rocksdb_sstfilewriter_destroy(writer)
    rocksdb_envoptions_destroy(environment)
    rocksdb_options_destroy(options)
  }

  /// Adds an entry whose key is greater than those before it.
  public func put(key: [UInt8], value: UnsafeRawBufferPointer) throws(StorageError) {
    var failure: UnsafeMutablePointer<CChar>?
    withCharacters(key) {
      rocksdb_sstfilewriter_put(
        writer, $0.baseAddress, $0.count,
        value.baseAddress?.assumingMemoryBound(to: CChar.self), value.count, &failure)
    }
    try RocksDatabase.check(&failure, "write", path)
  }

  /// Completes the file and flushes it to the disk. At least one entry must have been put.
  public func finish() throws(StorageError) {
    var failure: UnsafeMutablePointer<CChar>?
    rocksdb_sstfilewriter_finish(writer, &failure)
    try RocksDatabase.check(&failure, "finish", path)
  }
}

extension RocksDatabase {
  /// Takes sorted table files with disjoint key ranges into the database. They are moved
  /// (linked), not copied, and must be on the same file system.
  public func ingest(_ files: [String]) throws(StorageError) {
    guard !files.isEmpty else { return }
    try Self.requireSpace(at: path)
    let options = rocksdb_ingestexternalfileoptions_create()
    defer { rocksdb_ingestexternalfileoptions_destroy(options) }
    rocksdb_ingestexternalfileoptions_set_move_files(options, 1)
    rocksdb_ingestexternalfileoptions_set_allow_global_seqno(options, 0)
    var failure: UnsafeMutablePointer<CChar>?
    withCStrings(files) {
      rocksdb_ingest_external_file(handle, $0, $0.count, options, &failure)
    }
    try Self.check(&failure, "ingest files into", path)
  }
}
