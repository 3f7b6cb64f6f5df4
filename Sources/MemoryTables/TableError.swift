import Storage

/// What can go wrong with a memory table. Each prints as one line: what, where, what to do.
public enum TableError: Error, Hashable, Sendable, CustomStringConvertible {
  /// No table of this name is published.
  case noSuchTable(name: String, available: [String])
  /// The table has no such version.
  case noSuchVersion(name: String, version: Int, available: [Int])
  /// A name that cannot be a table's.
  case badName(String)
  /// A row id outside the table; nothing was written.
  case rowOutOfRange(table: String, row: Int64, index: Int, rows: Int)
  /// The caller's buffer cannot hold the rows.
  case bufferTooSmall(needed: Int, given: Int)
  /// A stored row does not match its checksum; nothing of it is served.
  case corruptRow(
    table: String, version: Int, row: Int64, file: String, offset: Int, expected: UInt32,
    found: UInt32)
  /// A file of a version cannot be what was published.
  case corruptFile(path: String, reason: String)
  /// The page directory is another table's, or another version's.
  case foreignDirectory(path: String)
  /// A file of a newer format.
  case newerFormat(path: String, found: Int, supported: Int)
  /// The draft of a table makes no sense.
  case invalidDraft(name: String, reason: String)
  /// The table has no addressing: it is read by row id alone.
  case notAddressed(table: String)
  /// The table is exact: no hash leads to its rows.
  case notHashed(table: String)
  /// The table has no N-grams to look up.
  case notExact(table: String)
  /// A stored N-gram does not match its checksum; nothing of it is served.
  case corruptKey(table: String, version: Int, path: String, ngram: [UInt32])
  /// A codec cannot hold these rows.
  case cannotEncode(codec: RowCodec, reason: String)
  /// The disk cannot hold the table.
  case diskFull(path: String, needed: Int, free: Int)

  /// One line: what is wrong, where, and what to do.
  public var description: String {
    switch self {
    case .noSuchTable(let name, let available):
      "no table \(name); there "
        + (available.isEmpty ? "are none yet" : "are: \(available.joined(separator: ", "))")
    case .noSuchVersion(let name, let version, let available):
      "table \(name) has no version \(version); it has: "
        + available.map(String.init).joined(separator: ", ")
    case .badName(let name):
      "\"\(name)\" cannot name a table; use letters, digits and . _ - /, at most 200"
    case .rowOutOfRange(let table, let row, let index, let rows):
      "row \(row) (place \(index) of the batch) is not in table \(table), which has rows 0 to "
        + "\(rows - 1)"
    case .bufferTooSmall(let needed, let given):
      "the buffer holds \(given) bytes, the rows need \(needed)"
    case .corruptRow(let table, let version, let row, let file, let offset, let expected, let found):
      "row \(row) of \(table)@\(version) is corrupt: \(file) at byte \(offset) has checksum "
        + "\(Self.hex(found)), \(Self.hex(expected)) was stored; run engram memory verify, then "
        + "import the table again"
    case .corruptFile(let path, let reason):
      "\(path) is corrupt: \(reason); run engram memory verify, then import the table again"
    case .foreignDirectory(let path):
      "\(path) belongs to another table; run engram memory verify --repair to write it anew"
    case .newerFormat(let path, let found, let supported):
      "\(path) has format \(found), this program reads up to \(supported); use a newer engram"
    case .invalidDraft(let name, let reason):
      "table \(name) cannot be published: \(reason)"
    case .notAddressed(let table):
      "table \(table) has no addressing; look its rows up by number (--rows)"
    case .notHashed(let table):
      "table \(table) is exact: an N-gram leads to its rows and no hash; use engram memory lookup"
    case .notExact(let table):
      "table \(table) is not exact: it has no N-grams; look its rows up by number (--rows)"
    case .corruptKey(let table, let version, let path, let ngram):
      "the key of N-gram \(ngram.map(String.init).joined(separator: " ")) of \(table)@\(version) "
        + "is corrupt: \(path) holds something that does not match its checksum; run engram memory "
        + "verify, then load the table again"
    case .cannotEncode(let codec, let reason):
      "rows cannot be encoded as \(codec.rawValue): \(reason)"
    case .diskFull(let path, let needed, let free):
      "\(path) has \(free / 1_000_000) MB free, the table needs \(needed / 1_000_000) MB; free "
        + "some space or name another store with --store"
    }
  }

  private static func hex(_ value: UInt32) -> String {
    let digits = String(value, radix: 16)
    return "0x" + String(repeating: "0", count: 8 - digits.count) + digits
  }
}
