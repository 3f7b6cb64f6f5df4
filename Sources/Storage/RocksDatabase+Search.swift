import CRocksDB

extension RocksDatabase {
  /// Looks many keys up in one call of RocksDB.
  ///
  /// - Parameter keys: where in `bytes` each key lies; keys may overlap and repeat.
  /// - Parameter body: called for each key in order with its place in `keys` and its value, `nil`
  ///   where there is none; the bytes are valid only during the call.
  /// - Throws: `StorageError.database` where a block does not match its checksum, before `body` is
  ///   called; what `body` throws.
  package func forEachValue(
    ofKeys keys: [Range<Int>], in bytes: UnsafeRawBufferPointer,
    _ body: (Int, UnsafeRawBufferPointer?) throws -> Void
  ) throws {
    guard !keys.isEmpty, let base = bytes.assumingMemoryBound(to: CChar.self).baseAddress,
      let family = families["default"]
    else { return }
    let pointers = keys.map { Optional(base + $0.lowerBound) }
    let sizes = keys.map(\.count)
    var values = [OpaquePointer?](repeating: nil, count: keys.count)
    var failures = [UnsafeMutablePointer<CChar>?](repeating: nil, count: keys.count)
    let options = rocksdb_readoptions_create()
    defer { rocksdb_readoptions_destroy(options) }
    rocksdb_readoptions_set_verify_checksums(options, 1)
    rocksdb_batched_multi_get_cf(
      handle, options, family, keys.count, pointers, sizes, &values, &failures, false)
    defer { for value in values { rocksdb_pinnableslice_destroy(value) } }
    var first: StorageError?
    for index in failures.indices where failures[index] != nil {
      let error = Self.error(&failures[index], "read from", path)
      if first == nil { first = error }
    }
    if let first { throw first }
    for (index, value) in values.enumerated() {
      guard let value else {
        try body(index, nil)
        continue
      }
      var count = 0
      let start = rocksdb_pinnableslice_value(value, &count)
      try body(index, UnsafeRawBufferPointer(start: start, count: count))
    }
  }

  /// Entries as the files themselves say: exact for a database that was loaded once and never
  /// written to again.
  package var entryCount: Int? {
    var count: UInt64 = 0
    guard
      rocksdb_property_int_cf(handle, families["default"], "rocksdb.estimate-num-keys", &count) == 0
    else { return nil }
    return Int(clamping: count)
  }
}
