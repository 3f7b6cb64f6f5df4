import CKernels
import Digests
import Foundation
import Storage
import Synchronization

/// Turns a source's rows into sorted table files, each of some whole runs of 4,096 pages, several
/// files at a time.
struct PageFileWriter: Sendable {
  /// What was written of one stretch of pages.
  struct Stretch: Sendable {
    /// The runs' digests.
    var digests: [SHA256Digest]
    /// Stored pages.
    var pages: Int
    /// The file, `nil` where all pages are zero.
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

  /// - Returns: the stretches in page order.
  func writeAll(threads: Int) throws -> [Stretch] {
    let size = PageLayout.pagesPerFile(pages: manifest.pages)
    let count = (manifest.pages + size - 1) / size
    return try Workers.map(count, threads: threads) { number, isCancelled in
      let pages = number * size..<min(manifest.pages, (number + 1) * size)
      return try write(pages, to: folder + "/file-\(number).sst", isCancelled: isCancelled)
    }
  }

  private func write(
    _ pages: Range<Int>, to path: String, isCancelled: () -> Bool
  ) throws -> Stretch {
    var writer: SortedTableWriter?
    var stretch = Stretch(digests: [], pages: 0, file: nil)
    var digest = RunDigest(pageBytes: manifest.rowsPerPage * manifest.slotStride)
    let salt = MappedPages.saltChecksum(manifest.saltNumber)
    let buffer = UnsafeMutableRawBufferPointer.allocate(
      byteCount: manifest.rowsPerPage * manifest.slotStride, alignment: 64)
    defer { buffer.deallocate() }
    for page in pages {
      guard !isCancelled() else { throw CancellationError() }
      let start = page * manifest.rowsPerPage
      let rows = start..<min(manifest.rows, start + manifest.rowsPerPage)
      let bytes = UnsafeMutableRawBufferPointer(
        rebasing: buffer[..<(rows.count * manifest.slotStride)])
      let base = bytes.baseAddress!.assumingMemoryBound(to: UInt8.self)
      try source.copyRows(rows, into: bytes.baseAddress!, stride: manifest.slotStride)
      if !isZero(base, rows: rows.count) {
        engram_seal_slots(salt, UInt64(start), rows.count, base, UInt32(manifest.rowBytes))
        digest.update(page: page, bytes: UnsafeRawBufferPointer(bytes))
        if writer == nil { writer = try SortedTableWriter(creating: path) }
        try writer?.put(key: PageLayout.key(page: page), value: UnsafeRawBufferPointer(bytes))
        stretch.pages += 1
      }
      if (page + 1) % PageLayout.pagesPerRun == 0 || page + 1 == pages.upperBound {
        stretch.digests.append(digest.finalize())
      }
      try ticker.advance(by: rows.count * manifest.rowBytes)
    }
    guard let writer else { return stretch }
    try writer.finish()
    stretch.file = File(
      path: path, pages: try PageDirectoryBuilder.pages(of: path, isNew: true, manifest: manifest),
      checksums: try FileChecksums.File(summing: path, name: path) {
        try ticker.advance(by: 0)
      })
    return stretch
  }

  private func isZero(_ base: UnsafeMutablePointer<UInt8>, rows: Int) -> Bool {
    for row in 0..<rows
    where engram_all_zero(base + row * manifest.slotStride, manifest.rowBytes) == 0 {
      return false
    }
    return true
  }
}
