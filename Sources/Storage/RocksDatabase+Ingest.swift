import CRocksDB
import Files

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

  /// Makes a database of finished sorted table files, closed again and flushed, with nothing in it
  /// that is not needed. The files move into it.
  ///
  /// - Returns: the names of the database's files, and which of them was which sorted file: linked,
  ///   a file keeps its inode.
  package static func bulkLoad(
    _ files: [String], into folder: String
  ) throws -> (names: [String], sources: [String: String]) {
    var byInode: [UInt: String] = [:]
    for file in files { byInode[try DurableFile.inode(of: file)] = file }
    do {
      let database = try RocksDatabase(path: folder, mode: .readWrite)
      try database.ingest(files)
    }
    for file in files { try DurableFile.remove(file) }
    var names: [String] = []
    var sources: [String: String] = [:]
    for name in try DurableFile.names(in: folder) {
      let path = folder + "/" + name
      if name == "LOCK" || name.hasPrefix("LOG") {
        try DurableFile.remove(path)
        continue
      }
      names.append(name)
      sources[name] = byInode[try DurableFile.inode(of: path)]
      // Sorted files were flushed when they were finished.
      if sources[name] == nil { try DurableFile.synchronize(file: path) }
    }
    try DurableFile.synchronize(folder: folder)
    return (names, sources)
  }
}
