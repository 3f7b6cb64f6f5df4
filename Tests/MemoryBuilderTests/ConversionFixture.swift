import Files
import MemoryBuilder
import MemoryTables
import Storage
import TestCheckpoints

/// A store with tables of given numbers, and conversions of them.
struct ConversionFixture {
  let scratch: ScratchFolder
  let store: String

  init(store: String? = nil) throws {
    scratch = try ScratchFolder()
    self.store = store ?? scratch("store")
  }

  /// Numbers [rows, dimension], encoded on the way.
  private struct Numbers: RowSource {
    let values: [Float]
    let encoder: RowEncoder

    func copyRows(
      _ rows: Range<Int>, into slots: UnsafeMutableRawPointer, stride: Int
    ) throws {
      values.withUnsafeBufferPointer {
        encoder.encode(
          $0.baseAddress! + rows.lowerBound * encoder.dimension, count: rows.count, into: slots,
          stride: stride)
      }
    }
  }

  /// Publishes a table `t` of these numbers.
  func publish(_ values: [Float], dimension: Int, as codec: RowCodec = .float32) throws {
    let scale: Float? = codec == .fp8E4M3 ? 0.25 : nil
    let encoder = try RowEncoder(codec: codec, dimension: dimension, scale: scale ?? 1)
    let draft = TableDraft(
      name: "t", rows: values.count / dimension, dimension: dimension, codec: codec,
      scaleBits: scale?.bitPattern, source: .init(kind: "rows"))
    _ = try TableWriter(store: Store(path: store, mode: .writing), threads: 2).publish([
      (draft, Numbers(values: values, encoder: encoder))
    ])
  }

  @discardableResult
  func convert(
    _ table: String = "t", to codec: RowCodec, as name: String = "new", threads: Int = 2,
    progress: @escaping TableWriter.Progress = { _, _ in }
  ) throws -> TableConversion.Report {
    let store = try Store(path: store, mode: .writing)
    var conversion = TableConversion(codec: codec, name: name)
    conversion.threads = threads
    return try conversion.run(
      Table(TableReference(parsing: table), in: store), in: store, progress: progress)
  }

  func open(_ name: String = "new") throws -> Table {
    try Table(TableReference(parsing: name), in: Store(path: store, mode: .reading))
  }

  /// All numbers of a table.
  func numbers(_ name: String = "new") throws -> [Float] {
    let table = try open(name)
    return try table.gatherFloats((0..<table.manifest.rows).map(Int64.init))
  }

  func published() throws -> [String] {
    try Store(path: store, mode: .reading).publishedTables().map { "\($0.name)@\($0.version)" }
  }

  func problems(_ name: String = "new") throws -> [String] {
    let store = try Store(path: store, mode: .reading)
    return try Table.verify(store.publishedTable(TableReference(parsing: name)), in: store)
      .problems
  }

  /// What lies in the store and is published by no name.
  func debris() throws -> [String] {
    let named = Set(try Store(path: store, mode: .reading).publishedTables().map(\.id))
    return try DurableFile.names(in: store + "/tmp")
      + DurableFile.names(in: store + "/tables").filter { !named.contains($0) }
  }
}
