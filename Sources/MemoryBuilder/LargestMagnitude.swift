import CKernels
import MemoryTables
import Storage

/// A pass over a table that finds its largest number.
struct LargestMagnitude {
  let table: Table
  let threads: Int

  /// Rows that a worker reads before it reports: some MiB, whole pages.
  private var stretch: Int {
    max(1, (4 << 20) / table.manifest.slotStride / table.manifest.rowsPerPage)
      * table.manifest.rowsPerPage
  }

  /// The largest finite magnitude; 0 in a table of zeros.
  ///
  /// - Parameter progress: called with each number of rows that were read.
  /// - Throws: `TableError` where a row is corrupt; what `progress` throws.
  func find(progress: @Sendable (Int) throws -> Void) throws -> Float {
    let (rows, stretch) = (table.manifest.rows, stretch)
    let largest = try Workers.map((rows + stretch - 1) / stretch, threads: threads) { number, _ in
      let part = number * stretch..<min(rows, (number + 1) * stretch)
      let found = try table.storesAny(of: part) ? find(in: part) : 0
      try progress(part.count)
      return found
    }
    return largest.max() ?? 0
  }

  private func find(in rows: Range<Int>) throws -> Float {
    let dimension = table.manifest.dimension
    let group = ConvertedRows.groupRows(dimension: dimension)
    let numbers = UnsafeMutableBufferPointer<Float>.allocate(capacity: group * dimension)
    defer { numbers.deallocate() }
    table.readAhead(rows)
    defer { table.release(rows) }
    var largest: Float = 0
    for start in stride(from: rows.lowerBound, to: rows.upperBound, by: group) {
      let ids = (start..<min(rows.upperBound, start + group)).map(Int64.init)
      try ids.withUnsafeBufferPointer { try table.gather($0, decodedInto: numbers) }
      var others = 0
      largest = max(
        largest,
        engram_largest_magnitude(numbers.baseAddress, ids.count * dimension, &others))
    }
    return largest
  }
}
