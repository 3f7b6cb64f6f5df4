import ContextStore
import HTTPTypes
import Hummingbird
import NIOCore
import Serving

/// Layers of blocks, as they were put.
struct ContextGetRoute: Sendable {
  let state: ServiceState

  /// `POST /v1/contexts/{id}/get`.
  @Sendable func get(_ request: Request, _ context: ServiceContext) async throws -> Response {
    let query = try ContextQuery(
      request.uri.query,
      knowing: [.keys, .group, .firstLayer, .layers, .firstBlock, .blocks])
    let named = try state.namedSpace(context)
    let shape = try GroupShape(query.text(.group, "a group's name"), of: named.layout)
    let layers = try shape.layers(query)
    let names = try await BlockNames(request, context, query, limits: state.limits)
    let pieceBytes = state.limits.pieceBytes
    return try await state.runBlocking(keeping: context.admission) { [state] in
      let prefix = try named.open().lookup(names.blocks())
      let reading = ContextReading(
        prefix: prefix, shape: shape, layers: layers,
        blocks: try query.blocks(of: prefix.blockCount), pieceBytes: pieceBytes)
      try context.admission?.take(2 * reading.mostPieceBytes)
      let (whole, first) = try reading.begun()
      let headers: HTTPFields = [
        .contentType: "application/octet-stream", .engramBlocks: "\(whole.blocks.count)",
        .engramRowBytes: "\(shape.rowBytes)",
      ]
      guard whole.pieces > 1 else {
        return Response(status: .ok, headers: headers, body: .init(byteBuffer: first))
      }
      let pieces = AnswerPieces(
        state: state, contentLength: whole.bytes, count: whole.pieces, first: first
      ) { try whole.piece($0) }
      return Response(
        status: .ok, headers: headers, body: pieces.body(admission: context.admission))
    }
  }
}
