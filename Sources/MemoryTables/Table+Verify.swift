import CKernels
import Digests
import Files
import Foundation
import Storage
import Synchronization

/// What `verify` found.
public struct VerifyReport: Sendable {
  /// Rows whose checksums were compared.
  public var rows = 0
  /// Bytes of files read.
  public var bytes = 0
  /// One line for each thing that is wrong; empty where all is well.
  public var problems: [String] = []
}

extension Table {
  /// Reads every byte of a published version and compares it with what was published: every
  /// file's checksums, every row's, the content's digest and the identity.
  ///
  /// It opens nothing that it does not check first, so it works on versions that no longer open.
  ///
  /// - Parameter progress: called with bytes read so far and in all; may throw to stop.
  /// - Returns: all problems, each with file and place.
  /// - Throws: what `progress` throws. What is wrong with the table is in the report.
  public static func verify(
    _ published: PublishedTable, in store: Store,
    progress: @escaping TableWriter.Progress = { _, _ in }
  ) throws -> VerifyReport {
    let folder = store.tableFolder(published.id)
    var report = VerifyReport()
    let list: FileChecksums
    do {
      list = try FileChecksums.read(folder + "/checksums", digest: published.checksums)
    } catch {
      report.problems.append("\(error)")
      return report
    }
    let dataBytes = list.files.reduce(0) { $0 + $1.size }
    let ticker = ProgressTicker(total: 2 * dataBytes, report: progress)
    let damaged = try verifyFiles(list, folder: folder, into: &report, ticker: ticker)
    let databases = Set(list.files.map(\.name).filter { $0.contains("/") }.map(database(of:)))
    let known = Set(list.files.map(\.name) + ["checksums", "COMMITTED", "db"]).union(databases)
    var present = (try? DurableFile.names(in: folder)) ?? []
    for database in databases.union(["db"]).sorted() {
      present += ((try? DurableFile.names(in: folder + "/" + database)) ?? []).map {
        database + "/" + $0
      }
    }
    for name in present where !known.contains(name) {
      report.problems.append("\(folder)/\(name) is no file of this version")
    }
    do {
      let table = try Table(
        published: published, folder: folder, access: .mapped, verification: .always)
      if case .rebuilt(let reason)? = table.directoryOrigin {
        report.problems.append("the page directory had to be built anew: \(reason)")
      }
      try table.verifyRows(into: &report, ticker: ticker)
      if let exact = table.manifest.exact,
        let problem = try ExactKeys.problem(
          folder: folder, manifest: table.manifest, exact: exact, ticker: ticker)
      {
        report.problems.append(problem)
      }
    } catch let error as CancellationError {
      throw error
    } catch {
      // With damaged files this says the same again, unless it says more.
      if damaged.isEmpty { report.problems.append("\(error)") }
    }
    return report
  }

  /// Writes the page directory anew where it is missing, damaged or another table's.
  ///
  /// - Returns: whether there was something to mend.
  /// - Throws: where the database itself is damaged.
  public static func repairDirectory(_ published: PublishedTable, in store: Store) throws -> Bool {
    let folder = store.tableFolder(published.id)
    let manifest = try TableManifest.read(folder + "/manifest.json")
    do {
      _ = try MappedPageDirectory(path: folder + "/pages", manifest: manifest)
      return false
    } catch {
      // What it would name must be the table's pages, all of them.
      _ = try Table.rebuild(folder: folder, manifest: manifest)
      try TableWriter.writeDirectory(folder: folder, manifest: manifest)
      return true
    }
  }

  /// The folder that a file of a list is in.
  private static func database(of file: String) -> String { String(file.prefix { $0 != "/" }) }

  /// - Returns: names of files that are not what they were.
  private static func verifyFiles(
    _ list: FileChecksums, folder: String, into report: inout VerifyReport, ticker: ProgressTicker
  ) throws -> Set<String> {
    var damaged: Set<String> = []
    try list.check(in: folder) { name, problem in
      report.problems.append(problem)
      damaged.insert(name)
    } advance: { count in
      report.bytes += count
      try ticker.advance(by: count)
    }
    return damaged
  }

  /// Every row's checksum, and the content's digest, page by page in page order.
  private func verifyRows(into report: inout VerifyReport, ticker: ProgressTicker) throws {
    guard let pages else {
      report.problems.append("\(folder)/db cannot be mapped; rows were not checked one by one")
      return
    }
    let runs = (manifest.pages + PageLayout.pagesPerRun - 1) / PageLayout.pagesPerRun
    let problems = Mutex([(Int, String)]())
    let cores = ProcessInfo.processInfo.activeProcessorCount
    let digests = try Workers.map(runs, threads: cores) { run, _ in
      try verifyRun(run, of: pages, ticker: ticker) { page, problem in
        problems.withLock { $0.append((page, problem)) }
      }
    }
    report.rows = manifest.rows
    let found = problems.withLock { $0.sorted { $0.0 < $1.0 }.map(\.1) }
    report.problems.append(contentsOf: found.prefix(100))
    if found.count > 100 {
      report.problems.append("and \(found.count - 100) more pages with corrupt rows")
    }
    if RunDigest.content(of: digests) != manifest.content {
      report.problems.append(
        "the rows of \(manifest.name)@\(manifest.version) are not those that were published: "
          + "their digest is not the manifest's")
    }
  }

  /// The first corrupt row of each page is reported; the digest is that of the run's pages.
  private func verifyRun(
    _ run: Int, of pages: MappedPages, ticker: ProgressTicker,
    report: (Int, String) -> Void
  ) throws -> SHA256Digest {
    var digest = RunDigest(pageBytes: manifest.rowsPerPage * manifest.slotStride)
    let first = run * PageLayout.pagesPerRun
    let salt = MappedPages.saltChecksum(manifest.saltNumber)
    for page in first..<min(manifest.pages, first + PageLayout.pagesPerRun) {
      let start = page * manifest.rowsPerPage
      let rows = min(manifest.rowsPerPage, manifest.rows - start)
      guard let slots = withUnsafePointer(to: pages.view, { engram_find_slot($0, Int64(start)) })
      else { continue }
      let bad = engram_check_slots(
        salt, UInt64(start), rows, slots, UInt32(manifest.rowBytes))
      if bad < rows { report(page, "\(corruptRow(Int64(start + bad), in: pages))") }
      digest.update(
        page: page,
        bytes: UnsafeRawBufferPointer(start: slots, count: rows * manifest.slotStride))
      try ticker.advance(by: rows * manifest.slotStride)
    }
    return digest.finalize()
  }
}
