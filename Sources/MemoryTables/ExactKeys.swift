import Addressing
import Files
import Storage

/// The N-grams of an exact table, open for search.
///
///     let keys = try table.exactKeys()
///     let rows = try keys.rows(for: tokens)  // one a token, -1 where there is none
///     let (values, mask) = try table.gatherFloats(rows, misses: .zero)
///
/// The row of a position is that of the longest N-gram that ends there. Any number of threads may
/// search at once.
public final class ExactKeys: Sendable {
  /// What stands for a row where no N-gram of the table ends at a position.
  public static let noRow: Int64 = -1

  /// What was found at a position.
  public struct Match: Hashable, Sendable {
    /// The row; `ExactKeys.noRow` where there is none.
    public var row: Int64
    /// Tokens of the N-gram that ends here; 0 where none does.
    public var order: Int

    /// A row and the order of its N-gram.
    public init(row: Int64, order: Int) {
      self.row = row
      self.order = order
    }

    /// No row.
    public static let none = Match(row: ExactKeys.noRow, order: 0)
  }

  /// What the table's manifest says of its keys.
  public let exact: ExactTable

  let manifest: TableManifest
  let path: String
  private let database: RocksDatabase
  private let map: TokenMap?

  /// Positions that are looked up with one call.
  private static let batch = 1024

  init(table: Table, exact: ExactTable, map: TokenMap?) throws {
    self.exact = exact
    self.map = map
    manifest = table.manifest
    path = table.folder + "/keys"
    database = try Self.open(path, exact: exact)
  }

  /// Opens the keys and compares their number with the manifest's: where a file is missing, or
  /// RocksDB's own list of them was cut short, there would be misses and no errors.
  static func open(_ path: String, exact: ExactTable) throws -> RocksDatabase {
    let logs = try TemporaryFolder.create()
    defer { try? DurableFile.remove(logs) }
    let database = try RocksDatabase(path: path, mode: .immutable(logs: logs))
    guard database.entryCount == exact.ngrams else {
      throw TableError.corruptFile(
        path: path,
        reason: "it has \(database.entryCount ?? 0) keys, \(exact.ngrams) were published")
    }
    return database
  }

  /// The row of each position: that of the longest N-gram of the table that ends there,
  /// `noRow` where none does.
  ///
  /// - Parameter tokens: token ids as the tokenizer gives them.
  /// - Parameter documentStarts: positions where a document begins, ascending; the first begins
  ///   at 0 whether it is named or not. No N-gram reaches over a start.
  /// - Throws: as `matches(for:documentStarts:)`.
  public func rows(for tokens: [Int32], documentStarts: [Int] = []) throws -> [Int64] {
    try matches(for: tokens, documentStarts: documentStarts).map(\.row)
  }

  /// The row of each position and the order of the N-gram that was found.
  ///
  /// - Throws: `AddressingError.tokenOutOfRange` before anything is looked up;
  ///   `TableError.corruptKey`, `StorageError.database` where what is stored does not match its
  ///   checksums.
  /// - Complexity: at most one look-up a position and order, longest first, in batches.
  public func matches(for tokens: [Int32], documentStarts: [Int] = []) throws -> [Match] {
    let bytes = ExactKey.bytes(of: try keyTokens(tokens))
    let history = Self.history(count: tokens.count, documentStarts: documentStarts)
    var matches = [Match](repeating: .none, count: tokens.count)
    var open = Array(tokens.indices)
    for order in stride(from: exact.longest, through: exact.shortest, by: -1) {
      let asked = open.filter { history[$0] >= order }
      for start in stride(from: 0, to: asked.count, by: Self.batch) {
        let part = asked[start..<min(asked.count, start + Self.batch)]
        try look(part, order: order, in: bytes, into: &matches)
      }
      open.removeAll { matches[$0].order > 0 }
    }
    return matches
  }

  /// The ids that stand in keys for these tokens.
  public func keyTokens(_ tokens: [Int32]) throws(AddressingError) -> [Int32] {
    let limit = exact.vocabulary
    if let index = tokens.firstIndex(where: { $0 < 0 || Int($0) >= limit }) {
      throw .tokenOutOfRange(index: index, token: tokens[index], limit: limit)
    }
    guard let map else { return tokens }
    return tokens.map { map[$0] ?? -1 }
  }

  /// How many tokens an N-gram that ends at a position may have.
  private static func history(count: Int, documentStarts: [Int]) -> [Int] {
    let starts = Set(documentStarts)
    var length = 0
    return (0..<count).map { position in
      length = starts.contains(position) ? 1 : length + 1
      return length
    }
  }

  private func look(
    _ positions: ArraySlice<Int>, order: Int, in bytes: [UInt8], into matches: inout [Match]
  ) throws {
    let salt = MappedPages.saltChecksum(manifest.saltNumber)
    let keys = positions.map { 4 * ($0 + 1 - order)..<4 * ($0 + 1) }
    try bytes.withUnsafeBytes { bytes in
      try database.forEachValue(ofKeys: keys, in: bytes) { index, value in
        guard let value else { return }
        let key = UnsafeRawBufferPointer(rebasing: bytes[keys[index]])
        guard let row = ExactKey.row(salt: salt, key: key, value: value),
          (0..<Int64(manifest.rows)).contains(row)
        else { throw corrupt(key) }
        matches[positions[positions.startIndex + index]] = Match(row: row, order: order)
      }
    }
  }

  private func corrupt(_ key: UnsafeRawBufferPointer) -> TableError {
    .corruptKey(
      table: manifest.name, version: manifest.version, path: path,
      ngram: (0..<key.count / 4).map { ExactKey.token(key, $0) })
  }
}
