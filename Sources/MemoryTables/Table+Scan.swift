import Files

/// For those who read a table once, front to back: what `gather` cannot know.
extension Table {
  /// Whether any of these rows lies in a page that is stored; the others are zero. True where
  /// that is not known without reading.
  package func storesAny(of rows: Range<Int>) -> Bool {
    guard let pages else { return true }
    return pageNumbers(of: rows).contains { pages.isStored(page: $0) }
  }

  /// Starts reading these rows from the disk and returns without waiting. Rows beyond the table
  /// are passed over.
  package func readAhead(_ rows: Range<Int>) {
    forEachExtent(of: rows) { file, range in file.willNeed(range) }
  }

  /// Gives back what the system counts as this process's part of these rows. Memory pages that
  /// they share with their neighbours go, too: who still needs those maps them again.
  package func release(_ rows: Range<Int>) {
    forEachExtent(of: rows) { file, range in
      file.release(max(0, range.lowerBound - 4095)..<range.upperBound + 4095)
    }
  }

  private func pageNumbers(of rows: Range<Int>) -> Range<Int> {
    let rows = rows.clamped(to: 0..<manifest.rows)
    guard !rows.isEmpty else { return 0..<0 }
    return rows.lowerBound / manifest.rowsPerPage..<(rows.upperBound - 1) / manifest.rowsPerPage + 1
  }

  /// Calls `body` with the bytes of each stored page that holds some of the rows.
  private func forEachExtent(
    of rows: Range<Int>, _ body: (MappedFile, Range<Int>) -> Void
  ) {
    guard let pages else { return }
    for page in pageNumbers(of: rows) {
      guard let place = pages.place(ofPage: page) else { continue }
      let pageRows = min(manifest.rowsPerPage, manifest.rows - page * manifest.rowsPerPage)
      body(
        pages.files[place.file],
        place.offset..<place.offset + pageRows * manifest.slotStride)
    }
  }
}
