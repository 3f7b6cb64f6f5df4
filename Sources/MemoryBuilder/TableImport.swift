import Addressing
import Checkpoints
import Foundation
import MemoryTables
import Safetensors
import Storage
import Tokenization

/// Copies a checkpoint's memory tables into a store.
public struct TableImport: Sendable {
  /// Names begin with this: `NAME/layer1` for the tables of a model, `NAME` for a plain tensor.
  public var name: String
  /// Only these layers; all where nil.
  public var layers: [Int]?
  /// The tensor that holds the rows of a plain folder.
  public var tensor: String?
  /// The rule of a plain table's rows.
  public var addressing: Addressing?
  /// Treat the folder as plain tensors, whatever its config says.
  public var isPlain = false
  /// The model's token map, kept beside the table so that it can be looked up by token.
  public var tokenMap: TokenMap?
  /// Worker threads; as many as cores where 0.
  public var threads = 0
  /// Rows that the self-check compares, a table.
  public var sampledRows = 500

  /// An import under this name.
  public init(name: String) {
    self.name = name
  }

  /// What an import did.
  public struct Report: Sendable {
    /// The published versions.
    public var tables: [PublishedTable]
    /// Bytes of rows that were copied.
    public var bytes: Int
    /// Rows compared with the checkpoint afterwards.
    public var comparedRows: Int
  }

  /// Copies all tables, compares a sample of rows with the checkpoint and publishes them in one
  /// commit.
  ///
  /// - Throws: `CheckpointError`, `SafetensorsError`, `AddressingError`, `TableError`,
  ///   `StorageError`, `BuilderError.selfCheckFailed`; what `progress` throws. Nothing is
  ///   published then.
  public func run(
    from folder: CheckpointFolder, into store: Store,
    progress: @escaping TableWriter.Progress = { _, _ in }
  ) throws -> Report {
    let all = try folder.tables(tensor: tensor, addressing: addressing)
    let tables = try selected(of: all)
    let headers = folder.filesHoldingOnly(all)
    let drafts = try tables.map { table in
      (draft: try draft(of: table, headers: headers), source: table.source as any RowSource)
    }
    var compared = 0
    let published = try TableWriter(store: store, threads: threads).publish(
      drafts, progress: progress
    ) { number, table in
      compared += try compare(table, with: tables[number])
    }
    let bytes = drafts.reduce(0) {
      $0 + $1.draft.rows * ($1.draft.codec.rowBytes(dimension: $1.draft.dimension) ?? 0)
    }
    return Report(tables: published, bytes: bytes, comparedRows: compared)
  }

  private func selected(of tables: [CheckpointTable]) throws -> [CheckpointTable] {
    guard let layers else { return tables }
    return try layers.map { layer in
      guard let table = tables.first(where: { $0.layer == layer }) else {
        throw CheckpointError.noSuchLayer(layer, available: tables.compactMap(\.layer))
      }
      return table
    }
  }

  private func draft(of table: CheckpointTable, headers: [SafetensorsFile]) throws -> TableDraft {
    var addressing = table.addressing
    var attachments: [String: [UInt8]] = [:]
    if let rule = addressing, case .mapped = rule.tokens, let tokenMap {
      addressing = try rule.bound(to: tokenMap)
      attachments[Table.tokenMapFile] = tokenMap.withUnsafeCompressedIDs {
        Array(UnsafeRawBufferPointer($0))
      }
    }
    return table.draft(
      name: table.layer.map { "\(name)/layer\($0)" } ?? name, addressing: addressing,
      headers: headers, attachments: attachments)
  }

  /// Reads a sample of rows from the table and from the checkpoint; the first and the last row
  /// are always among them.
  private func compare(_ table: Table, with source: CheckpointTable) throws -> Int {
    let rowBytes = table.manifest.rowBytes
    let step = max(1, source.rows / max(1, sampledRows))
    var sample = Array(stride(from: 0, to: source.rows, by: step))
    if sample.last != source.rows - 1 { sample.append(source.rows - 1) }
    // A page of a large file may map megabytes around it: what was compared is given back.
    for start in stride(from: 0, to: sample.count, by: 32) {
      let rows = sample[start..<min(sample.count, start + 32)]
      let stored = try table.gather(rows.map(Int64.init))
      for (index, row) in rows.enumerated() {
        let expected = try source.source.bytes(ofRow: row, rowBytes: rowBytes)
        guard stored[(index * rowBytes)..<((index + 1) * rowBytes)].elementsEqual(expected) else {
          throw BuilderError.selfCheckFailed(table: table.manifest.name, row: row)
        }
      }
      table.releaseMappedPages()
      source.source.releaseMappedPages()
    }
    return sample.count
  }
}
