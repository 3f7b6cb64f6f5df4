import CKernels

extension Table {
  /// Starts reading the pages of a batch from the disk and returns without waiting for them.
  ///
  /// Call it as soon as the row ids are known, before the model's forward pass: they depend on
  /// tokens alone. A later `gather` of the same rows then finds them in memory. Row ids outside
  /// the table are passed over; `gather` refuses them.
  ///
  /// - Parameter rows: row ids, shape [tokens * columns]; duplicates are read once.
  /// - Returns: how many distinct 4 KiB pages the batch touches (0 where access is through the
  ///   database).
  /// - Complexity: O(rows), and one system call for each 1,024 pages.
  @discardableResult
  public func prefetch(_ rows: UnsafeBufferPointer<Int64>) -> Int {
    guard let pages, !rows.isEmpty else { return 0 }
    let count = UInt64(manifest.rows)
    if engram_find_row_out_of_range(rows.baseAddress, rows.count, count) < rows.count {
      let inside = rows.filter { UInt64(bitPattern: $0) < count }
      return inside.withUnsafeBufferPointer { prefetch($0) }
    }
    return withUnsafeTemporaryAllocation(of: UInt64.self, capacity: 4 * rows.count) { scratch in
      withUnsafePointer(to: pages.view) {
        engram_prefetch_rows($0, rows.baseAddress, rows.count, scratch.baseAddress)
      }
    }
  }

  /// The same for an array.
  @discardableResult
  public func prefetch(_ rows: [Int64]) -> Int {
    rows.withUnsafeBufferPointer { prefetch($0) }
  }

  /// Gives back what the system counts as this process's part of the table's files: pages that
  /// were read stay in the page cache, and the next gather maps them again. For processes that
  /// read a table once and live on.
  public func releaseMappedPages() {
    pages?.release()
  }
}
