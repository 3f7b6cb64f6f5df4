import CKernels
import Digests
import Files
import Foundation
import Storage

/// Publishes new table versions: rows stream from a source into sorted table files, those into a
/// database, and the whole becomes visible in one commit.
///
///     let writer = TableWriter(store: store)
///     let tables = try writer.publish([(draft, source)]) { done, total in print(done, total) }
///
/// Memory stays bounded whatever the table's size: a page a worker, and what RocksDB buffers for
/// one file a worker. Killed at any moment, it leaves nothing visible.
public struct TableWriter: Sendable {
  /// Called now and then with bytes of rows written so far and in all; a thrown error stops the
  /// work and removes what was written. Calls may come from any worker thread, one at a time.
  public typealias Progress = @Sendable (_ done: Int, _ total: Int) throws -> Void

  private let store: Store
  private let threads: Int

  /// A writer into `store`, which must be open for writing.
  ///
  /// - Parameter threads: workers; as many as the machine has cores where 0.
  public init(store: Store, threads: Int = 0) {
    self.store = store
    self.threads = threads > 0 ? threads : ProcessInfo.processInfo.activeProcessorCount
  }

  /// Publishes one new version of each draft's table, all in one commit: either all are there
  /// afterwards or none is.
  ///
  /// - Parameter check: looks at each table before the commit, by the number of its draft; where it
  ///   throws, nothing is published and no version's number is used up.
  /// - Throws: `TableError.invalidDraft`, `.badName`, `.diskFull`; what the sources, `progress` and
  ///   `check` throw; `StorageError`, `FileError`.
  public func publish(
    _ drafts: [(draft: TableDraft, source: any RowSource)],
    progress: @escaping Progress = { _, _ in },
    checking check: ((_ number: Int, _ table: Table) throws -> Void)? = nil
  ) throws -> [PublishedTable] {
    let manifests = try drafts.map { try manifest(of: $0.draft) }
    guard Set(manifests.map(\.name)).count == manifests.count else {
      throw TableError.invalidDraft(
        name: manifests[0].name, reason: "two tables of one commit have the same name")
    }
    let total = manifests.reduce(0) { $0 + $1.rows * $1.rowBytes }
    let keyBytes = drafts.reduce(0) {
      $0 + ($1.draft.exact.map { ExactKeyWriter.estimatedBytes(of: $0.ngrams) } ?? 0)
    }
    try checkSpace(
      for: zip(manifests, drafts).map { ($0, $1.draft.mostStoredPages) }, keyBytes: keyBytes)
    let ticker = ProgressTicker(total: total, report: progress)
    var folders: [(id: String, path: String)] = []
    var edits: [Catalog.Edit] = []
    var tables: [PublishedTable] = []
    do {
      for (number, (manifest, draft)) in zip(manifests, drafts).enumerated() {
        let id = Store.newIdentifier()
        let folder = try store.createTemporaryFolder(id)
        folders.append((id, folder))
        let table = try write(
          manifest, draft.draft, draft.source, id: id, into: folder, ticker: ticker)
        tables.append(table)
        try check?(
          number,
          Table(published: table, folder: folder, access: .mapped, verification: .always))
        edits.append(
          .init(
            PublishedTable.key(name: table.name, version: table.version), try table.record(),
            in: .tables))
        edits.append(
          .init(
            PublishedTable.counterKey(name: table.name), Array(String(table.version).utf8),
            in: .tables))
      }
      try ticker.advance(by: 0)
      try store.publish(folders: folders, edits: edits)
    } catch {
      for folder in folders { try? DurableFile.remove(folder.path) }
      throw error
    }
    return tables
  }

  // MARK: - One table

  private func manifest(of draft: TableDraft) throws -> TableManifest {
    try TableReference.checkName(draft.name)
    func invalid(_ reason: String) -> TableError {
      .invalidDraft(name: draft.name, reason: reason)
    }
    guard draft.rows > 0, draft.rows < 1 << 48 else { throw invalid("\(draft.rows) rows") }
    guard let rowBytes = draft.codec.rowBytes(dimension: draft.dimension) else {
      throw invalid("codec \(draft.codec.rawValue) cannot hold rows of \(draft.dimension) numbers")
    }
    if let addressing = draft.addressing, Int(addressing.rowCount) != draft.rows {
      throw invalid(
        "it has \(draft.rows) rows, its addressing needs \(addressing.rowCount)")
    }
    var exact: ExactTable?
    if let index = draft.exact {
      guard draft.addressing == nil else { throw invalid("an exact table has no addressing") }
      guard index.ngrams.count == draft.rows else {
        throw invalid("it has \(draft.rows) rows and \(index.ngrams.count) N-grams")
      }
      let described = index.described()
      guard described.exact != nil else { throw invalid(described.reason) }
      exact = described.exact
    }
    let version = try store.nextVersion(ofTable: draft.name)
    return TableManifest(
      format: exact == nil ? 1 : 2, name: draft.name, version: version, rows: draft.rows,
      dimension: draft.dimension, codec: draft.codec, rowBytes: rowBytes,
      scaleBits: draft.scaleBits, slotStride: rowBytes + 4,
      rowsPerPage: PageLayout.rowsPerPage(stride: rowBytes + 4), storedPages: 0,
      salt: TableManifest.salt(
        name: draft.name, version: version, rows: draft.rows, codec: draft.codec,
        dimension: draft.dimension),
      addressing: draft.addressing, exact: exact, source: draft.source, content: "", identity: "")
  }

  private func checkSpace(
    for tables: [(manifest: TableManifest, most: Int?)], keyBytes: Int
  ) throws {
    let needed = tables.reduce(RocksDatabase.reservedBytes + keyBytes) { sum, table in
      let pages = table.manifest.rows / table.manifest.rowsPerPage
      let bytes = table.manifest.rowsPerPage * table.manifest.slotStride + 256
      return sum + min(pages, table.most ?? pages) * bytes
    }
    var status = statvfs()
    guard statvfs(store.path, &status) == 0 else { throw FileError("stat", store.path) }
    let free = Int(status.f_bavail) * Int(status.f_frsize)
    guard needed < free else {
      throw TableError.diskFull(path: store.path, needed: needed, free: free)
    }
  }

  private func write(
    _ draft: TableManifest, _ description: TableDraft, _ source: any RowSource, id: String,
    into folder: String, ticker: ProgressTicker
  ) throws -> PublishedTable {
    var manifest = draft
    let stretches = try PageFileWriter(
      manifest: manifest, source: source, folder: folder, ticker: ticker
    ).writeAll(threads: threads)
    manifest.storedPages = stretches.reduce(0) { $0 + $1.pages }
    manifest.content = RunDigest.content(of: stretches.flatMap(\.digests))
    if let index = description.exact {
      let keys = try ExactKeyWriter.write(
        index.ngrams, manifest: manifest, folder: folder, ticker: ticker)
      manifest.exact?.keys = keys.description
    }
    manifest.identity = try manifest.computedIdentity()
    // What follows takes its time, too: it is asked before each step whether to go on.
    try ticker.advance(by: 0)
    let files = try Self.makeDatabase(folder: folder, files: stretches.compactMap(\.file))
    try ticker.advance(by: 0)
    try DurableFile.write(
      String(decoding: try manifest.canonicalJSON(), as: UTF8.self),
      to: folder + "/manifest.json")
    for (name, bytes) in description.attachments {
      try bytes.withUnsafeBytes { try DurableFile.write($0, to: folder + "/" + name) }
    }
    try Self.writeDirectory(
      folder: folder, manifest: manifest, known: files.compactMapValues(\.pages))
    let databases = description.exact == nil ? ["db"] : ["db", "keys"]
    var names = try DurableFile.names(in: folder).filter { !databases.contains($0) }
    for database in databases {
      names += try DurableFile.names(in: folder + "/" + database).map { database + "/" + $0 }
    }
    let sums = files.map { name, file in
      var sums = file.checksums
      sums.name = "db/" + name
      return (sums.name, sums)
    }
    let checksums = try FileChecksums(
      folder: folder, names: names, known: Dictionary(uniqueKeysWithValues: sums)
    ) {
      try ticker.advance(by: 0)
    }.canonicalJSON()
    try checksums.withUnsafeBytes { try DurableFile.write($0, to: folder + "/checksums") }
    return PublishedTable(
      name: manifest.name, version: manifest.version, id: id, identity: manifest.identity,
      checksums: checksums.withUnsafeBytes { SHA256Digest(of: $0) }.description,
      published: ISO8601DateFormatter().string(from: Date()))
  }

  /// A database of these sorted files.
  ///
  /// - Returns: the files by the names that the database gave them.
  private static func makeDatabase(
    folder: String, files: [PageFileWriter.File]
  ) throws -> [String: PageFileWriter.File] {
    let byPath = Dictionary(uniqueKeysWithValues: files.map { ($0.path, $0) })
    let loaded = try RocksDatabase.bulkLoad(files.map(\.path), into: folder + "/db")
    return loaded.sources.compactMapValues { byPath[$0] }
  }

  /// Writes the page directory of a complete version. Where pages cannot be mapped there is
  /// none, and readers copy.
  static func writeDirectory(
    folder: String, manifest: TableManifest,
    known: [String: PageDirectoryBuilder.FilePages] = [:]
  ) throws {
    guard
      let directory = try PageDirectoryBuilder.build(
        folder: folder, manifest: manifest, known: known)
    else { return }
    let bytes = directory.encoded(
      rowsPerPage: manifest.rowsPerPage, stride: manifest.slotStride)
    try bytes.withUnsafeBytes { try DurableFile.write($0, to: folder + "/pages") }
  }
}
