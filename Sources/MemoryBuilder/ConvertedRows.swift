import MemoryTables
import Synchronization

/// The rows of a table in another codec, and how much they lost on the way.
final class ConvertedRows: RowSource {
  private let table: Table
  private let encoder: RowEncoder
  private let groupRows: Int
  /// Benches that no thread is working at.
  private let idle = Mutex<[Bench]>([])

  init(_ table: Table, encoder: RowEncoder) {
    self.table = table
    self.encoder = encoder
    groupRows = Self.groupRows(dimension: encoder.dimension)
  }

  /// Rows that are decoded at once: numbers of this many stay in the processor's cache.
  static func groupRows(dimension: Int) -> Int { max(1, 16_384 / dimension) }

  /// How far ahead of what is copied the disk is asked, in bytes of rows.
  private static let readAheadBytes = 2 << 20

  /// What a thread needs to convert a group of rows. One thread has it at a time: it is taken out
  /// of `idle` and put back, which makes it safe to send.
  private final class Bench: @unchecked Sendable {
    let ids: UnsafeMutableBufferPointer<Int64>
    let numbers: UnsafeMutableBufferPointer<Float>
    let stored: UnsafeMutableBufferPointer<Float>
    let bytes: UnsafeMutableRawPointer
    let tally = DifferenceTally()

    init(rows: Int, encoder: RowEncoder) {
      ids = .allocate(capacity: rows)
      numbers = .allocate(capacity: rows * encoder.dimension)
      stored = .allocate(capacity: rows * encoder.dimension)
      bytes = .allocate(byteCount: rows * encoder.rowBytes, alignment: 64)
    }

    deinit {
      ids.deallocate()
      numbers.deallocate()
      stored.deallocate()
      bytes.deallocate()
    }
  }

  func copyRows(
    _ rows: Range<Int>, into slots: UnsafeMutableRawPointer, stride: Int
  ) throws {
    let ahead = rows.upperBound + Self.readAheadBytes / table.manifest.slotStride
    table.readAhead(ahead..<ahead + rows.count)
    guard table.storesAny(of: rows) else {
      for index in 0..<rows.count {
        (slots + index * stride).initializeMemory(
          as: UInt8.self, repeating: 0, count: encoder.rowBytes)
      }
      return
    }
    let bench = idle.withLock { $0.popLast() } ?? Bench(rows: groupRows, encoder: encoder)
    defer { idle.withLock { $0.append(bench) } }
    var start = rows.lowerBound
    while start < rows.upperBound {
      let group = start..<min(rows.upperBound, start + groupRows)
      try convert(group, at: bench, into: slots + (start - rows.lowerBound) * stride, stride)
      start = group.upperBound
    }
    table.release(rows)
  }

  private func convert(
    _ rows: Range<Int>, at bench: Bench, into slots: UnsafeMutableRawPointer, _ stride: Int
  ) throws {
    for (index, row) in rows.enumerated() { bench.ids[index] = Int64(row) }
    try table.gather(
      UnsafeBufferPointer(rebasing: bench.ids[..<rows.count]), decodedInto: bench.numbers)
    let (numbers, stored) = (bench.numbers.baseAddress!, bench.stored.baseAddress!)
    encoder.encode(numbers, count: rows.count, into: bench.bytes, stride: encoder.rowBytes)
    encoder.decode(bench.bytes, count: rows.count, into: stored)
    bench.tally.add(numbers, stored, rows: rows, dimension: encoder.dimension)
    for index in 0..<rows.count {
      (slots + index * stride).copyMemory(
        from: bench.bytes + index * encoder.rowBytes, byteCount: encoder.rowBytes)
    }
  }

  /// What was lost, once all rows are copied.
  func errors() -> ConversionErrors {
    idle.withLock { ConversionErrors($0.map(\.tally)) }
  }
}
