import CRocksDB

extension RocksDatabase {
  /// Calls `body` with entries in key order, from the last whose key is not greater than `start`,
  /// or from the first where there is none, until it returns `false`.
  ///
  /// Keys and values are valid during the call. RocksDB checks its blocks' checksums.
  ///
  /// - Parameter isScan: whether to read ahead, as for many entries.
  /// - Throws: `StorageError.database`; what `body` throws.
  package func walk(
    from start: [UInt8], isScan: Bool,
    _ body: (_ key: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) throws -> Bool
  ) throws {
    let options = rocksdb_readoptions_create()
    defer { rocksdb_readoptions_destroy(options) }
    rocksdb_readoptions_set_verify_checksums(options, 1)
    if isScan {
      rocksdb_readoptions_set_fill_cache(options, 0)
      rocksdb_readoptions_set_readahead_size(options, 1 << 20)
    }
    let iterator = rocksdb_create_iterator(handle, options)
    defer { rocksdb_iter_destroy(iterator) }
    withCharacters(start) { rocksdb_iter_seek_for_prev(iterator, $0.baseAddress, $0.count) }
    // Another search would forget what is wrong with this one.
    try checkIterator(iterator)
    if rocksdb_iter_valid(iterator) == 0 { rocksdb_iter_seek_to_first(iterator) }
    while rocksdb_iter_valid(iterator) != 0 {
      var keyCount = 0
      var valueCount = 0
      let key = rocksdb_iter_key(iterator, &keyCount)
      let value = rocksdb_iter_value(iterator, &valueCount)
      guard
        try body(
          UnsafeRawBufferPointer(start: key, count: keyCount),
          UnsafeRawBufferPointer(start: value, count: valueCount))
      else { return }
      rocksdb_iter_next(iterator)
    }
    try checkIterator(iterator)
  }

  private func checkIterator(_ iterator: OpaquePointer?) throws(StorageError) {
    var failure: UnsafeMutablePointer<CChar>?
    rocksdb_iter_get_error(iterator, &failure)
    try Self.check(&failure, "read from", path)
  }
}
