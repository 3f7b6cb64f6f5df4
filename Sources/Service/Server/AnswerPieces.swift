import Hummingbird
import NIOCore

/// A large answer, made and sent a piece at a time, so that no more of it is in memory than that. A
/// failure in a later piece ends the connection, so that the client sees a short body.
struct AnswerPieces: Sendable {
  let state: ServiceState
  /// Bytes of all pieces.
  let contentLength: Int
  /// How many pieces.
  let count: Int
  /// The first one: what fails most fails before anything is sent.
  let first: ByteBuffer
  /// Makes a later one. May wait for the disk.
  let piece: @Sendable (Int) throws -> ByteBuffer

  /// The answer; what was admitted for it is kept until it is written.
  func body(admission: Admission?) -> ResponseBody {
    ResponseBody(contentLength: contentLength) { writer in
      try await writer.write(first)
      for index in 1..<max(1, count) {
        let next: ByteBuffer
        do {
          next = try await state.runBlocking { try piece(index) }
        } catch {
          // The answer has begun: nobody else hears of it.
          state.metrics.recordFailure(error)
          state.logger.error("an answer ends early: \(error)")
          throw error
        }
        try await writer.write(next)
      }
      try await writer.finish(nil)
      withExtendedLifetime(admission) {}
    }
  }
}
