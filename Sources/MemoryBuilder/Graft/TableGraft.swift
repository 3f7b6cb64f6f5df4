import Addressing
import Digests
import Files
import MemoryTables
import Safetensors
import Storage

/// Makes an exact table of vectors that were computed outside, one for each N-gram of a list
/// (Memory Grafting, arXiv 2605.20948).
///
///     let list = try GraftList(readingFrom: "ngrams.jsonl")
///     let graft = TableGraft(name: "grafted", list: list)
///     let table = try graft.run(from: SafetensorsFile(path: "vectors.safetensors"), into: store)
public struct TableGraft: Sendable {
  /// The table's name.
  public var name: String
  /// The N-grams, in the vectors' order.
  public var list: GraftList
  /// The tensor that holds the vectors.
  public var tensor = "vectors"
  /// How the rows are stored.
  public var codec = RowCodec.bfloat16
  /// The model's token map, kept beside the table so that it can be looked up without one.
  public var tokenMap: TokenMap?
  /// Worker threads; as many as cores where 0.
  public var threads = 0

  /// The attachment that holds the header of the vectors' file: which model and layer.
  public static let vectorsHeaderFile = "vectors.header"
  /// The largest such header that is kept.
  private static let headerLimit = 1 << 20

  /// A graft of this list under this name.
  public init(name: String, list: GraftList) {
    self.name = name
    self.list = list
  }

  /// Publishes the table.
  ///
  /// - Throws: `GraftError`, `SafetensorsError`, `AddressingError.tokenMapMismatch`, `TableError`,
  ///   `StorageError`; what `progress` throws. Nothing is published then.
  public func run(
    from file: SafetensorsFile, into store: Store,
    progress: @escaping TableWriter.Progress = { _, _ in }
  ) throws -> PublishedTable {
    let vectors = try file.tensor(named: tensor)
    let width = try checkedWidth(of: vectors, in: file)
    var rows = VectorRows(
      file: file, tensor: vectors, order: list.keyOrder,
      encoder: try RowEncoder(codec: codec, dimension: width))
    var draft = TableDraft(
      name: name, rows: list.ngrams.count, dimension: width, codec: codec, exact: list.index,
      source: TableManifest.Source(kind: "graft"))
    if codec == .fp8E4M3 {
      let scale = RowEncoder.tableScale(largestMagnitude: try rows.largestMagnitude())
      draft.scaleBits = scale.bitPattern
      rows = VectorRows(
        file: file, tensor: vectors, order: list.keyOrder,
        encoder: try RowEncoder(codec: codec, dimension: width, scale: scale))
    }
    if file.headerByteCount <= Self.headerLimit {
      draft.attachments[Self.vectorsHeaderFile] = file.header
    }
    if let map = try checkedMap() {
      draft.attachments[Table.tokenMapFile] = map.withUnsafeCompressedIDs {
        Array(UnsafeRawBufferPointer($0))
      }
    }
    return try TableWriter(store: store, threads: threads).publish(
      [(draft, rows)], progress: progress)[0]
  }

  /// What the vectors' file of a table said of itself, e.g. `model` and `layer`; empty where
  /// nothing was kept.
  public static func vectorsMetadata(of table: Table) throws -> [String: String] {
    guard let header = try table.attachment(vectorsHeaderFile, limit: headerLimit) else {
      return [:]
    }
    return try SafetensorsFile.metadata(
      inHeader: header, name: table.folder + "/" + vectorsHeaderFile)
  }

  private func checkedWidth(
    of vectors: TensorDescription, in file: SafetensorsFile
  ) throws(GraftError) -> Int {
    if let found = file.metadata["ngrams"], found != list.digest.description {
      throw .otherList(
        path: file.path, list: list.path, expected: list.digest.description, found: found)
    }
    guard [.f32, .f16, .bf16, .f64].contains(vectors.type), vectors.shape.count == 2,
      vectors.shape[1] > 0
    else {
      throw .unsuitableTensor(
        path: file.path, tensor: tensor, found: "\(vectors.type.rawValue) \(vectors.shape)")
    }
    guard vectors.shape[0] == list.ngrams.count else {
      throw .wrongVectorCount(
        path: file.path, vectors: vectors.shape[0], ngrams: list.ngrams.count)
    }
    return vectors.shape[1]
  }

  private func checkedMap() throws(AddressingError) -> TokenMap? {
    guard case .mapped(_, _, let digest) = list.header.tokens, let tokenMap else { return nil }
    guard tokenMap.identity == digest else {
      throw .tokenMapMismatch(
        property: "SHA-256", expected: "\(digest)", found: "\(tokenMap.identity)")
    }
    return tokenMap
  }
}
