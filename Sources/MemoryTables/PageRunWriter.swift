import CKernels
import Digests
import Foundation
import Storage
import Synchronization

/// Turns a source's rows into sorted table files, one for each run of 4,096 pages, several runs
/// at a time.
struct PageRunWriter: Sendable {
  /// A run as it was written.
  struct Run: Sendable {
    /// SHA-256 over the stored pages' numbers and bytes.
    var digest: SHA256Digest
    /// Stored pages.
    var pages: Int
    /// The file, `nil` where all pages of the run are zero.
    var file: File?
  }

  /// A sorted table file, read back as soon as it was on the disk and is still in memory.
  struct File: Sendable {
    var path: String
    /// Where its pages lie; `nil` where they cannot be mapped.
    var pages: PageDirectoryBuilder.FilePages?
    var checksums: FileChecksums.File
  }

  let manifest: TableManifest
  let source: any RowSource
  let folder: String
  let ticker: ProgressTicker

  /// - Returns: the runs in page order.
  func writeAll(threads: Int) throws -> [Run] {
    let count = (manifest.pages + PageLayout.pagesPerRun - 1) / PageLayout.pagesPerRun
    let results = Mutex<[Int: Run]>([:])
    let failure = Mutex<(any Error)?>(nil)
    let next = Atomic(0)
    DispatchQueue.concurrentPerform(iterations: max(1, min(threads, count))) { _ in
      while true {
        let number = next.wrappingAdd(1, ordering: .relaxed).oldValue
        guard number < count, failure.withLock({ $0 == nil }) else { return }
        do {
          let run = try write(run: number) { failure.withLock { $0 != nil } }
          results.withLock { $0[number] = run }
        } catch {
          failure.withLock { $0 = $0 ?? error }
        }
      }
    }
    if let error = failure.withLock({ $0 }) { throw error }
    return results.withLock { results in (0..<count).map { results[$0]! } }
  }

  private func write(run number: Int, isCancelled: () -> Bool) throws -> Run {
    let first = number * PageLayout.pagesPerRun
    let pages = first..<min(manifest.pages, first + PageLayout.pagesPerRun)
    let path = folder + "/run-\(number).sst"
    var writer: SortedTableWriter?
    var hasher = SHA256Hasher()
    var stored = 0
    let salt = MappedPages.saltChecksum(manifest.saltNumber)
    let stride = manifest.slotStride
    let buffer = UnsafeMutableRawBufferPointer.allocate(
      byteCount: manifest.rowsPerPage * stride, alignment: 64)
    defer { buffer.deallocate() }
    for page in pages {
      guard !isCancelled() else { throw CancellationError() }
      let start = page * manifest.rowsPerPage
      let rows = start..<min(manifest.rows, start + manifest.rowsPerPage)
      let bytes = UnsafeMutableRawBufferPointer(rebasing: buffer[..<(rows.count * stride)])
      let base = bytes.baseAddress!.assumingMemoryBound(to: UInt8.self)
      try source.copyRows(rows, into: bytes.baseAddress!, stride: stride)
      if !isZero(base, rows: rows.count) {
        engram_seal_slots(salt, UInt64(start), rows.count, base, UInt32(manifest.rowBytes))
        withUnsafeBytes(of: UInt64(page).littleEndian) { hasher.update($0) }
        hasher.update(UnsafeRawBufferPointer(bytes))
        if writer == nil { writer = try SortedTableWriter(creating: path) }
        try writer?.put(key: PageLayout.key(page: page), value: UnsafeRawBufferPointer(bytes))
        stored += 1
      }
      try ticker.advance(by: rows.count * manifest.rowBytes)
    }
    guard let writer else { return Run(digest: hasher.finalize(), pages: 0, file: nil) }
    try writer.finish()
    let file = File(
      path: path, pages: try PageDirectoryBuilder.pages(of: path, manifest: manifest),
      checksums: try FileChecksums.File(summing: path, name: path))
    return Run(digest: hasher.finalize(), pages: stored, file: file)
  }

  private func isZero(_ base: UnsafeMutablePointer<UInt8>, rows: Int) -> Bool {
    for row in 0..<rows
    where engram_all_zero(base + row * manifest.slotStride, manifest.rowBytes) == 0 {
      return false
    }
    return true
  }
}
