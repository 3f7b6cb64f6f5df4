import Foundation
import MemoryTables
import NIOCore
import Serving

/// Gathers rows of one table version into buffers that are sent as they are. Waits for the disk.
struct RowGather: Sendable {
  let table: OpenTable
  let format: RowFormat
  let missingAsZero: Bool
  let state: ServiceState

  /// Bytes of a row of the answer.
  var rowBytes: Int { table.rowBytes(format) }

  /// The rows of a part of a batch, one after another.
  ///
  /// - Throws: as `OpenTable.gather(_:as:missingAsZero:into:)`.
  func bytes(_ batch: RowBatch, _ range: Range<Int>) throws -> ByteBuffer {
    let start = ContinuousClock.now
    let faults = Self.majorFaults
    let count = range.count * rowBytes
    var buffer = ByteBufferAllocator().buffer(capacity: max(count, 1))
    _ = try buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: count) { out in
      try batch.withRows(range) {
        try table.gather($0, as: format, missingAsZero: missingAsZero, into: out)
      }
      return count
    }
    state.metrics.recordGather(
      table: table.manifest.name, rows: range.count, bytes: count,
      seconds: (ContinuousClock.now - start) / .seconds(1), coldPages: Self.majorFaults - faults)
    return buffer
  }

  /// Whether all ids are rows, those of nothing too where they may be.
  ///
  /// - Throws: `TableError.rowOutOfRange`.
  func check(_ batch: RowBatch) throws {
    let rows = UInt64(table.manifest.rows)
    try batch.withRows(0..<batch.count) { ids in
      for (index, id) in ids.enumerated() where UInt64(bitPattern: id) >= rows {
        guard missingAsZero, id == ExactKeys.noRow else {
          throw TableError.rowOutOfRange(
            table: table.manifest.name, row: id, index: index, rows: table.manifest.rows)
        }
      }
    }
  }

  /// RUSAGE_THREAD, which the C library shows to GNU programs only.
  private static let thisThread: Int32 = 1

  /// How often this thread had to wait for a page from the disk.
  private static var majorFaults: Int {
    var usage = rusage()
    getrusage(thisThread, &usage)
    return usage.ru_majflt
  }
}
