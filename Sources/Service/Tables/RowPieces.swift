import Hummingbird
import NIOCore

/// A large answer, gathered and sent a piece at a time: while one piece is on its way the next is
/// gathered. A failure in a later piece ends the connection, so that the client sees a short body.
struct RowPieces: Sendable {
  private let gather: RowGather
  private let rows: RowBatch
  private let rowsPerPiece: Int
  private let first: ByteBuffer

  /// Checks all ids and gathers the first piece: what fails most fails before anything is sent.
  ///
  /// - Throws: as `RowGather.bytes(_:_:)`.
  init(gather: RowGather, rows: RowBatch, pieceBytes: Int) throws {
    self.gather = gather
    self.rows = rows
    rowsPerPiece = max(1, pieceBytes / max(1, gather.rowBytes))
    try gather.check(rows)
    first = try gather.bytes(rows, 0..<min(rowsPerPiece, rows.count))
  }

  /// The answer; what was admitted for it is kept until it is written.
  func body(admission: Admission?) -> ResponseBody {
    ResponseBody(contentLength: rows.count * gather.rowBytes) { writer in
      try await writer.write(first)
      var start = min(rowsPerPiece, rows.count)
      while start < rows.count {
        let range = start..<min(start + rowsPerPiece, rows.count)
        let piece: ByteBuffer
        do {
          piece = try await gather.state.runBlocking { try gather.bytes(rows, range) }
        } catch {
          // The answer has begun: nobody else hears of it.
          gather.state.metrics.recordFailure(error)
          gather.state.logger.error("an answer ends early: \(error)")
          throw error
        }
        try await writer.write(piece)
        start = range.upperBound
      }
      try await writer.finish(nil)
      withExtendedLifetime(admission) {}
    }
  }
}
