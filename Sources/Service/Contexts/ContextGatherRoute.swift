import ContextStore
import HTTPTypes
import Hummingbird
import NIOCore
import Serving

/// Rows of a layer by number.
struct ContextGatherRoute: Sendable {
  let state: ServiceState

  /// `POST /v1/contexts/{id}/gather`.
  @Sendable func gather(_ request: Request, _ context: ServiceContext) async throws -> Response {
    let query = try ContextQuery(request.uri.query, knowing: [.keys, .group, .layer, .tokens])
    let named = try state.namedSpace(context)
    let shape = try GroupShape(query.text(.group, "a group's name"), of: named.layout)
    let layer = try shape.layer(query)
    let (leading, areKeys) = (try query.leadingTokens, try query.areKeys)
    let type = request.headers[.contentType] ?? ""
    guard type.prefix(24).lowercased() == "application/octet-stream" else {
      throw ServiceError.wrongType(found: type, expected: "application/octet-stream")
    }
    let body = try await RequestBytes(limits: state.limits).collect(request, context)
    let size = areKeys ? 32 : 4
    let rest =
      leading <= body.readableBytes / size ? body.readableBytes - leading * size : -1
    guard rest >= 0, rest.isMultiple(of: 8) else {
      throw ServiceError.badBody(
        bytes: body.readableBytes,
        expected: "\(leading) \(areKeys ? "keys of 32" : "tokens of 4") bytes, then row numbers "
          + "of 8 bytes each")
    }
    guard rest / 8 <= state.limits.rows else {
      throw ServiceError.tooManyRows(found: rest / 8, limit: state.limits.rows)
    }
    // Tokens and numbers are copied to where they can be taken from.
    try context.admission?.take(body.readableBytes)
    return try await state.runBlocking(keeping: context.admission) { [state] in
      let bytes = body.readableBytesView.prefix(leading * size)
      let blocks: ContextBlocks =
        areKeys ? .keys(Array(bytes)) : .tokens(BlockNames.tokens(bytes))
      let rows = RowBatch(
        buffer: body.getSlice(at: body.readerIndex + leading * size, length: rest) ?? ByteBuffer())
      let gathering = ContextGathering(
        prefix: try named.open().lookup(blocks), shape: shape, layer: layer, rows: rows,
        pieceBytes: state.limits.pieceBytes)
      try context.admission?.take(2 * gathering.mostPieceBytes)
      try gathering.check()
      let headers: HTTPFields = [
        .contentType: "application/octet-stream", .engramRows: "\(rows.count)",
        .engramRowBytes: "\(shape.rowBytes)",
      ]
      let pieces = AnswerPieces(
        state: state, contentLength: rows.count * shape.rowBytes, count: gathering.pieces,
        first: try gathering.piece(0)
      ) { try gathering.piece($0) }
      return Response(
        status: .ok, headers: headers, body: pieces.body(admission: context.admission))
    }
  }
}

extension GroupShape {
  /// The layer that a query names.
  ///
  /// - Throws: `ServiceError.badParameter`, `.outsideGroup`.
  fileprivate func layer(_ query: ContextQuery) throws(ServiceError) -> Int {
    guard let layer = try query.number(.layer) else {
      throw .badParameter(name: "layer", found: "", expected: "a layer, 0 to \(layers - 1)")
    }
    guard layer < layers else {
      throw .outsideGroup(what: "layer", found: layer, group: name, limit: layers - 1)
    }
    return layer
  }
}
