import Storage

extension ExactKeys {
  /// Reads every key of a version in order and compares it with the manifest.
  ///
  /// - Returns: what is wrong with them; `nil` where nothing is.
  static func problem(
    folder: String, manifest: TableManifest, exact: ExactTable, ticker: ProgressTicker
  ) throws -> String? {
    let path = folder + "/keys"
    let database = try open(path, exact: exact)
    let salt = MappedPages.saltChecksum(manifest.saltNumber)
    let bytes = 4 * exact.shortest...4 * exact.longest
    var digest = KeyDigest()
    var row: Int64 = 0
    var problem: String?
    try database.walk(from: [], isScan: true) { key, value in
      defer { row += 1 }
      if row % 4096 == 0 { try ticker.advance(by: 0) }
      digest.update(key)
      guard bytes.contains(key.count), key.count % 4 == 0 else {
        problem = "\(path): key \(row) has \(key.count) bytes"
        return false
      }
      for index in 0..<key.count / 4
      where ExactKey.token(key, index) >= UInt32(clamping: exact.keyVocabulary) {
        problem = "\(path): key \(row) has token \(ExactKey.token(key, index))"
      }
      if ExactKey.row(salt: salt, key: key, value: value) != row {
        problem = "\(path): key \(row) does not name row \(row) or does not match its checksum"
      }
      return problem == nil
    }
    if problem == nil, digest.finalize().description != exact.keys || row != exact.ngrams {
      problem = "\(path): the keys are not those that were published"
    }
    return problem
  }
}
