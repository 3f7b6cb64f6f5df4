import Addressing
import Digests

extension Table {
  /// The N-grams of an exact table, open for search.
  ///
  /// - Parameter tokenMap: the model's token map; the table's own where nil.
  /// - Throws: `TableError.notExact` for tables without keys; `AddressingError` where a token map
  ///   is needed and missing, or is another model's; `TableError.corruptFile`, `StorageError`.
  /// - Complexity: opens a database; keep the result.
  public func exactKeys(tokenMap: TokenMap? = nil) throws -> ExactKeys {
    guard let exact = manifest.exact else { throw TableError.notExact(table: manifest.name) }
    guard exact.tokens == .mapped else { return try ExactKeys(table: self, exact: exact, map: nil) }
    guard let map = try tokenMap ?? self.tokenMap() else {
      throw AddressingError.tokenMapRequired(preset: manifest.name)
    }
    guard map.identity.description == exact.tokenMap else {
      throw AddressingError.tokenMapMismatch(
        property: "SHA-256", expected: exact.tokenMap ?? "", found: map.identity.description)
    }
    return try ExactKeys(table: self, exact: exact, map: map)
  }

  /// What stands for a row that is missing.
  public enum Misses: Sendable {
    /// Zeros, and a zero in the mask.
    case zero
  }

  /// The rows of a batch as numbers, shape [rows, dimension], where some may be
  /// `ExactKeys.noRow`, and which ones are there.
  ///
  ///     let (values, mask) = try table.gatherFloats(try keys.rows(for: tokens), misses: .zero)
  ///
  /// - Returns: values, and for each row 1, or 0 where there is none: what
  ///   `EngramFusion.forward` takes as its mask.
  /// - Throws: as `gather(_:into:)`.
  public func gatherFloats(
    _ rows: [Int64], misses: Misses
  ) throws -> (values: [Float], mask: [UInt8]) {
    let present = rows.filter { $0 != ExactKeys.noRow }
    let mask = rows.map { $0 == ExactKeys.noRow ? UInt8(0) : 1 }
    let limit = Int64(manifest.rows)
    if let index = rows.firstIndex(where: { $0 != ExactKeys.noRow && !(0..<limit).contains($0) }) {
      throw TableError.rowOutOfRange(
        table: manifest.name, row: rows[index], index: index, rows: manifest.rows)
    }
    let found = try gatherFloats(present)
    guard present.count < rows.count else { return (found, mask) }
    var values: [Float] = []
    values.reserveCapacity(rows.count * manifest.dimension)
    var next = 0
    for isThere in mask {
      if isThere == 0 {
        values.append(contentsOf: repeatElement(0, count: manifest.dimension))
      } else {
        values.append(contentsOf: found[next..<next + manifest.dimension])
        next += manifest.dimension
      }
    }
    return (values, mask)
  }
}
