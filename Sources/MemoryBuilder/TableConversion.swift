import Foundation
import MemoryTables
import Storage

/// Publishes a table's rows in another codec: same row numbers, same addressing, same token map.
///
///     let report = try TableConversion(codec: .bfloat16, name: "small").run(table, in: store)
///
/// Rows stream through bounded memory whatever the table's size; every one is checked as it is
/// read. Pages that are not stored stay so.
public struct TableConversion: Sendable {
  /// The codec of the new table.
  public var codec: RowCodec
  /// Its name; that of the old one gives it a new version.
  public var name: String
  /// Worker threads; as many as cores where 0.
  public var threads = 0

  /// A conversion to this codec, under this name.
  public init(codec: RowCodec, name: String) {
    self.codec = codec
    self.name = name
  }

  /// What a conversion did.
  public struct Report: Sendable {
    /// The published version.
    public var table: PublishedTable
    /// Its codec.
    public var codec: RowCodec
    /// Bytes of its rows.
    public var bytes: Int
    /// Bytes of the rows that were read.
    public var sourceBytes: Int
    /// The table-wide scale, where the codec has one.
    public var scale: Float?
    /// What was lost.
    public var errors: ConversionErrors
  }

  /// Converts a table into `store`, which must be open for writing, in one commit.
  ///
  /// Codec `fp8e4m3` reads the table twice: its scale follows from the largest finite magnitude.
  ///
  /// - Throws: `BuilderError.sameCodec`, `TableError` (a corrupt row of the source stops the work),
  ///   `StorageError`, `FileError`; what `progress` throws. Nothing is published then.
  public func run(
    _ table: Table, in store: Store, progress: @escaping TableWriter.Progress = { _, _ in }
  ) throws -> Report {
    let source = table.manifest
    guard source.codec != codec else {
      throw BuilderError.sameCodec(table: "\(source.name)@\(source.version)", codec: codec)
    }
    let threads = threads > 0 ? threads : ProcessInfo.processInfo.activeProcessorCount
    let passes = codec == .fp8E4M3 ? 2 : 1
    var scale: Float?
    if codec == .fp8E4M3 {
      let total = source.rows * source.dimension
      let ticker = ProgressTicker(total: total) { done, _ in try progress(done, passes * total) }
      let largest = try LargestMagnitude(table: table, threads: threads).find {
        try ticker.advance(by: $0 * source.dimension)
      }
      scale = RowEncoder.tableScale(largestMagnitude: largest)
    }
    let encoder = try RowEncoder(codec: codec, dimension: source.dimension, scale: scale ?? 1)
    let rows = ConvertedRows(table, encoder: encoder)
    let draft = TableDraft(
      name: name, rows: source.rows, dimension: source.dimension, codec: codec,
      scaleBits: scale?.bitPattern, addressing: source.addressing,
      exact: try table.exactIndex(),
      source: .init(kind: "converted", from: .init(source)),
      attachments: try table.attachments(), mostStoredPages: Self.mostPages(of: encoder, source))
    let published = try TableWriter(store: store, threads: threads).publish([(draft, rows)]) {
      try progress((passes - 1) * $1 + $0, passes * $1)
    }
    return Report(
      table: published[0], codec: codec, bytes: source.rows * encoder.rowBytes,
      sourceBytes: source.rows * source.rowBytes, scale: scale, errors: rows.errors())
  }

  /// How many pages of the new layout the stored pages of a table can touch.
  private static func mostPages(of encoder: RowEncoder, _ source: TableManifest) -> Int {
    let rowsPerPage = PageLayout.rowsPerPage(stride: encoder.rowBytes + 4)
    return source.storedPages * ((source.rowsPerPage - 1) / rowsPerPage + 2)
  }
}
