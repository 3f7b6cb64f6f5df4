import Checkpoints
import Files
import MemoryBuilder
import MemoryTables
import Storage
import TestCheckpoints

/// A checkpoint on disk and a store to import it into, each in a folder of its own.
struct ImportFixture {
  let made: MadeCheckpoint
  let scratch: ScratchFolder
  let store: String

  /// - Parameter store: where the store goes, if not beside the checkpoint.
  init(_ made: MadeCheckpoint, store: String? = nil) throws {
    self.made = made
    scratch = try ScratchFolder()
    self.store = store ?? scratch("store")
    try made.write(to: checkpoint)
  }

  var checkpoint: String { scratch("checkpoint") }

  /// Imports the checkpoint; `change` may set options of the import.
  @discardableResult
  func run(_ change: (inout TableImport) -> Void) throws -> TableImport.Report {
    try run(change, watching: { _, _ in })
  }

  /// Imports the checkpoint; `progress` may throw, or do damage.
  @discardableResult
  func run(
    _ change: (inout TableImport) -> Void = { _ in },
    watching progress: @escaping TableWriter.Progress = { _, _ in }
  ) throws -> TableImport.Report {
    var tableImport = TableImport(name: "t")
    tableImport.threads = 2
    change(&tableImport)
    return try tableImport.run(
      from: CheckpointFolder(path: checkpoint), into: Store(path: store, mode: .writing),
      progress: progress)
  }

  func open(_ name: String) throws -> Table {
    try Table(TableReference(parsing: name), in: Store(path: store, mode: .reading))
  }

  /// Every row of a table as it is stored.
  func rows(of name: String) throws -> [UInt8] {
    let table = try open(name)
    return try table.gather((0..<table.manifest.rows).map(Int64.init))
  }

  /// What the store publishes, "name@version", and what lies in its folders.
  func published() throws -> [String] {
    try Store(path: store, mode: .reading).publishedTables().map { "\($0.name)@\($0.version)" }
  }

  func debris() throws -> [String] {
    let named = Set(
      try Store(path: store, mode: .reading).publishedTables().map(\.id))
    return try DurableFile.names(in: store + "/tmp")
      + DurableFile.names(in: store + "/tables").filter { !named.contains($0) }
  }

  func content(_ file: String) throws -> [UInt8] { try DurableFile.read(checkpoint + "/" + file) }
}
