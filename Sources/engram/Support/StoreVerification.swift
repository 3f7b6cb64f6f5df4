import Datasets
import Dispatch
import MemoryTables
import NgramCounts
import Retrieval
import Storage

/// What a check of a whole store found.
struct StoreVerification: Encodable {
  /// Table versions checked, and bytes of their files.
  private(set) var tables = 0
  private(set) var tableBytes = 0
  /// Versions of N-gram counts checked, and bytes of their files.
  private(set) var counts = 0
  private(set) var countBytes = 0
  /// Passage indexes checked, and bytes of their files.
  private(set) var indexes = 0
  private(set) var indexBytes = 0
  /// Dataset versions checked, their distinct chunks, and bytes of these files.
  private(set) var versions = 0
  private(set) var chunks = 0
  private(set) var chunkBytes = 0
  /// What `engram gc` would remove; `nil` where damage hides it.
  private(set) var unreferencedChunks: Int?
  private(set) var unreferencedBytes: Int?
  private(set) var seconds = 0.0
  /// A line for each thing that is wrong.
  private(set) var problems: [String] = []

  /// Checks the store in a folder.
  ///
  /// - Throws: where there is no store, or the user asked to stop; what is wrong with a store is in
  ///   `problems`.
  init(path: String) throws {
    let start = DispatchTime.now()
    defer { seconds = ProgressBar.seconds(since: start) }
    let store: Store
    do {
      store = try Store(path: path, mode: .reading)
    } catch let error as StorageError {
      // A catalog that does not open is damage; another folder than a store's is a mistake.
      guard case .database = error else { throw error }
      problems.append("\(error)")
      return
    }
    try noting { _ in try store.catalog.verifyChecksums() }
    try noting { try $0.checkTables(of: store) }
    try noting { try $0.checkCounts(of: store) }
    try noting { try $0.checkIndexes(of: store) }
    try noting { try $0.checkDatasets(of: store) }
    do {
      let garbage = try store.collectGarbage(isDryRun: true)
      unreferencedChunks = garbage.chunks
      unreferencedBytes = garbage.bytes
    } catch {
      // Which chunks are named cannot be told. Of published versions the reason is listed above.
      let line = "what gc would free is not known: \(error)"
      if !problems.contains(where: { $0.hasSuffix("\(error)") }) { problems.append(line) }
    }
  }

  /// Runs a part of the check; an error that it throws is a finding.
  private mutating func noting(_ body: (inout Self) throws -> Void) throws {
    do {
      try body(&self)
    } catch let error as CancellationError {
      throw error
    } catch {
      problems.append("\(error)")
    }
  }

  private mutating func checkTables(of store: Store) throws {
    for published in try store.publishedTables() {
      let title = "\(published.name)@\(published.version)"
      let bar = ProgressBar("verifying \(title)")
      defer { bar.clear() }
      let report = try Table.verify(published, in: store) { try bar.update($0, $1) }
      if !report.problems.isEmpty, try !store.isPublishedNow(published) { continue }
      tables += 1
      tableBytes += report.bytes
      problems += report.problems.map { "\(title): \($0)" }
    }
  }

  private mutating func checkCounts(of store: Store) throws {
    for published in try store.publishedCounts() {
      let bar = ProgressBar("verifying \(published.title)")
      defer { bar.clear() }
      let report = try NgramCounts.verify(published, in: store) {
        try bar.update($0.done, $0.total)
      }
      if !report.problems.isEmpty, try !store.isPublishedNow(published) { continue }
      counts += 1
      countBytes += report.bytes
      problems += report.problems.map { "counts \(published.title): \($0)" }
    }
  }

  private mutating func checkIndexes(of store: Store) throws {
    for published in try store.publishedIndexes() {
      let bar = ProgressBar("verifying the index of \(published.title)")
      defer { bar.clear() }
      let report = try IndexVerification(published, in: store) {
        try bar.update($0.done, $0.total)
      }
      if !report.problems.isEmpty, try !store.isPublishedNow(published) { continue }
      indexes += 1
      indexBytes += report.bytes
      problems += report.problems.map { "index of \(published.title): \($0)" }
    }
  }

  private mutating func checkDatasets(of store: Store) throws {
    let (readable, unreadable) = try store.readableDatasetVersions()
    problems += unreadable
    let bar = ProgressBar("verifying datasets")
    defer { bar.clear() }
    let report = try store.verify(readable) { try bar.update($0, $1) }
    versions = report.versions
    chunks = report.chunks
    chunkBytes = report.bytes
    problems += report.findings
  }

  func printText() {
    for problem in problems { print(SingleLine.text(problem)) }
    let end =
      problems.isEmpty
      ? "all as published" : problems.count == 1 ? "1 problem" : "\(problems.count) problems"
    print("\(tables) table versions, \(ByteCount.text(tableBytes)) in files")
    if counts > 0 {
      print("\(counts) versions of N-gram counts, \(ByteCount.text(countBytes)) in files")
    }
    if indexes > 0 {
      print("\(indexes) passage indexes, \(ByteCount.text(indexBytes)) in files")
    }
    print(
      "\(versions) dataset versions, \(chunks) chunks, \(ByteCount.text(chunkBytes)) in files")
    if let unreferencedChunks, let unreferencedBytes {
      print(
        "\(unreferencedChunks) unreferenced chunks; engram gc would free "
          + ByteCount.text(unreferencedBytes))
    }
    print(end)
  }
}
