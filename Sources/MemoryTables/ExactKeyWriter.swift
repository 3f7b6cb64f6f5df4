import Digests
import Storage

/// Writes the keys of an exact table: a RocksDB `keys/` in the version's folder.
enum ExactKeyWriter {
  /// Bytes that the keys of these N-grams take on the disk, at most.
  static func estimatedBytes(of ngrams: NgramList) -> Int {
    4 * ngrams.tokens.count + 48 * ngrams.count + (1 << 16)
  }

  /// - Returns: the digest of the keys.
  static func write(
    _ ngrams: NgramList, manifest: TableManifest, folder: String, ticker: ProgressTicker
  ) throws -> SHA256Digest {
    let file = folder + "/keys.sst"
    let writer = try SortedTableWriter(creating: file, format: .searchable)
    let salt = MappedPages.saltChecksum(manifest.saltNumber)
    var digest = KeyDigest()
    for row in 0..<ngrams.count {
      let key = ExactKey.bytes(of: ngrams[row])
      let value = key.withUnsafeBytes { key in
        digest.update(key)
        return ExactKey.value(salt: salt, key: key, row: Int64(row))
      }
      try value.withUnsafeBytes { try writer.put(key: key, value: $0) }
      if row % 4096 == 0 { try ticker.advance(by: 0) }
    }
    try writer.finish()
    _ = try RocksDatabase.bulkLoad([file], into: folder + "/keys")
    return digest.finalize()
  }
}
