import CRocksDB

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
