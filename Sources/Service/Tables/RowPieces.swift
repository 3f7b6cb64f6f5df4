import Hummingbird
import NIOCore

/// Rows that are gathered and sent a piece at a time.
struct RowPieces: Sendable {
  private let pieces: AnswerPieces

  /// Checks all ids and gathers the first piece: what fails most fails before anything is sent.
  ///
  /// - Throws: as `RowGather.bytes(_:_:)`.
  init(gather: RowGather, rows: RowBatch, pieceBytes: Int) throws {
    let rowsPerPiece = max(1, pieceBytes / max(1, gather.rowBytes))
    try gather.check(rows)
    pieces = AnswerPieces(
      state: gather.state, contentLength: rows.count * gather.rowBytes,
      count: (rows.count + rowsPerPiece - 1) / rowsPerPiece,
      first: try gather.bytes(rows, 0..<min(rowsPerPiece, rows.count))
    ) { piece in
      let start = piece * rowsPerPiece
      return try gather.bytes(rows, start..<min(start + rowsPerPiece, rows.count))
    }
  }

  /// The answer; what was admitted for it is kept until it is written.
  func body(admission: Admission?) -> ResponseBody { pieces.body(admission: admission) }
}
