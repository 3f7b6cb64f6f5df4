import Storage

/// All that a store has published.
public struct StoreListing: Encodable, Sendable {
  /// Table versions, by name and version.
  public var tables: [TableSummary]
  /// Dataset versions, by name and version.
  public var datasets: [DatasetSummary]
  /// Indexes, by dataset and version.
  public var indexes: [IndexSummary]

  /// What a store has.
  ///
  /// - Throws: `StorageError` and what lies above it.
  public init(_ store: Store) throws {
    tables = try TableSummary.all(in: store)
    datasets = try DatasetSummary.all(in: store)
    indexes = try IndexSummary.all(in: store)
  }
}
