import ContextStore
import NIOCore
import Serving

/// Rows of one layer by number, as they are answered, cut into pieces.
struct ContextGathering: Sendable {
  let prefix: ContextPrefix
  let shape: GroupShape
  let layer: Int
  let rows: RowBatch
  let pieceBytes: Int

  private var pieceRows: Int { max(1, pieceBytes / shape.rowBytes) }

  /// How many pieces the answer has.
  var pieces: Int { max(1, (rows.count + pieceRows - 1) / pieceRows) }

  /// Bytes of the largest piece.
  var mostPieceBytes: Int { min(pieceRows, max(1, rows.count)) * shape.rowBytes }

  /// Makes sure that all rows are there before any is sent. May wait for the disk.
  ///
  /// - Throws: `ContextError.missing` of a row that is not there, `.rowOutOfRange` of a number below 0.
  func check() throws {
    let present = try PresentBlocks(shape.name, of: prefix)
    // Rows of blocks of which only a read can tell, one a block.
    var unsure: [Int: Int64] = [:]
    try rows.withRows(0..<rows.count) { ids in
      for row in ids {
        guard row >= 0 else {
          throw ContextError.rowOutOfRange(
            group: shape.name, row: row, rows: prefix.blockCount * shape.blockRows)
        }
        let block = Int(row) / shape.blockRows
        switch present[block] {
        case true?: continue
        case false?:
          throw ContextError.missing(group: shape.name, layer: layer, row: row)
        case nil: unsure[block] = row
        }
      }
    }
    let sample = Array(unsure.values)
    for start in stride(from: 0, to: sample.count, by: pieceRows) {
      let part = sample[start..<min(start + pieceRows, sample.count)]
      _ = try part.withUnsafeBufferPointer { try gather($0) }
    }
  }

  /// A piece's bytes. May wait for the disk.
  ///
  /// - Throws: `ContextError`.
  func piece(_ index: Int) throws -> ByteBuffer {
    let start = min(index * pieceRows, rows.count)
    return try rows.withRows(start..<min(start + pieceRows, rows.count)) { try gather($0) }
  }

  private func gather(_ rows: UnsafeBufferPointer<Int64>) throws -> ByteBuffer {
    let count = rows.count * shape.rowBytes
    var buffer = ByteBufferAllocator().buffer(capacity: max(1, count))
    _ = try buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: count) { out in
      try prefix.gather(
        shape.name, layer: layer, rows: rows,
        into: UnsafeMutableRawBufferPointer(rebasing: out[..<count]))
      return count
    }
    return buffer
  }
}
