import MemoryTables
import Storage

/// A table version in numbers: a line of `engram memory list --format json`.
public struct TableSummary: Encodable, Sendable {
  /// What leads to a row.
  public enum Finding: String, Encodable, Sendable {
    /// A hash of N-grams.
    case hash
    /// The N-gram itself.
    case ngram = "N-gram"
    /// Nothing but its number.
    case number
  }

  /// The table's name.
  public var name: String
  /// Its version.
  public var version: Int
  /// Rows.
  public var rows: Int
  /// Numbers in a row.
  public var dimension: Int
  /// How they are stored.
  public var codec: String
  /// What leads to a row.
  public var foundBy: Finding
  /// How the N-grams of an exact table are found; `nil` for all other tables.
  public var exact: ExactTable?
  /// Bytes of a row.
  public var rowBytes: Int
  /// Bytes of all rows.
  public var bytes: Int
  /// The name of exactly this content.
  public var identity: String
  /// When it was published.
  public var published: String

  /// The numbers of a published version.
  ///
  /// - Throws: `TableError`, `FileError`.
  public init(_ table: PublishedTable, in store: Store) throws {
    self.init(table, manifest: try TableManifest.published(table, in: store))
  }

  /// The numbers of a version whose manifest is at hand.
  public init(_ table: PublishedTable, manifest: TableManifest) {
    name = table.name
    version = table.version
    rows = manifest.rows
    dimension = manifest.dimension
    codec = manifest.codec.rawValue
    foundBy = manifest.exact != nil ? .ngram : manifest.addressing != nil ? .hash : .number
    exact = manifest.exact
    rowBytes = manifest.rowBytes
    bytes = manifest.rows * manifest.rowBytes
    identity = table.identity
    published = table.published
  }

  /// Those of all versions of a store; without one that was dropped in the meantime.
  public static func all(in store: Store) throws -> [TableSummary] {
    try store.publishedTables().compactMap { published in
      do {
        return try TableSummary(published, in: store)
      } catch {
        guard try store.isPublishedNow(published) else { return nil }
        throw error
      }
    }
  }
}
