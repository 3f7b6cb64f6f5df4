import HTTPTypes
import Hummingbird
import NIOCore
import Serving

/// Adds the routes whose bodies are bytes: rows, row ids, prefetch.
func addTableRoutes(to router: Router<ServiceContext>, state: ServiceState) {
  let routes = TableRoutes(state: state)
  router.post("v1/tables/:name/rows", use: routes.rows)
  router.post("v1/tables/:name/row-ids", use: routes.rowIDs)
  router.post("v1/tables/:name/prefetch", use: routes.prefetch)
}

/// What is done with a table's rows.
struct TableRoutes: Sendable {
  let state: ServiceState

  /// `POST /v1/tables/{name}/rows`.
  @Sendable func rows(_ request: Request, _ context: ServiceContext) async throws -> Response {
    let query = try RowsQuery(
      request.uri.query, knowing: [.input, .format, .missing, .masks, .segments])
    let (table, body) = try await receive(request, context)
    let columns = query.input == .tokens ? table.addresses.columns : 1
    let size = try query.size(ofBody: body.readableBytes, of: table, limits: state.limits)
    let gather = RowGather(
      table: table, format: query.format, missingAsZero: query.missingAsZero, state: state)
    let total = size.rows * gather.rowBytes
    let headers = Self.headers(of: table).merging([
      .engramRows: "\(size.rows)", .engramColumns: "\(columns)",
      .engramRowBytes: "\(gather.rowBytes)",
    ])
    let inPieces = total > state.limits.pieceBytes
    try context.admission?.take(
      (query.input == .tokens ? 8 * size.rows : 0)
        + (inPieces ? 2 * max(state.limits.pieceBytes, gather.rowBytes) : total))
    guard inPieces else {
      @Sendable func answer() throws -> ByteBuffer {
        let rows = try query.rows(in: body, of: table, size: size)
        return try gather.bytes(rows, 0..<rows.count)
      }
      let answer =
        mayStay(query, table, size)
        ? try timed(answer) : try await state.runBlocking { try answer() }
      return Response(status: .ok, headers: headers, body: .init(byteBuffer: answer))
    }
    let pieces = try await state.runBlocking {
      let rows = try query.rows(in: body, of: table, size: size)
      return try RowPieces(gather: gather, rows: rows, pieceBytes: state.limits.pieceBytes)
    }
    return Response(status: .ok, headers: headers, body: pieces.body(admission: context.admission))
  }

  /// `POST /v1/tables/{name}/row-ids`.
  @Sendable func rowIDs(_ request: Request, _ context: ServiceContext) async throws -> Response {
    let query = try RowsQuery(request.uri.query, knowing: [.masks, .segments], input: .tokens)
    let (table, body) = try await receive(request, context)
    let size = try query.size(ofBody: body.readableBytes, of: table, limits: state.limits)
    try context.admission?.take(8 * size.rows)
    let rows = try await state.runBlocking { try query.rows(in: body, of: table, size: size) }
    let headers = Self.headers(of: table).merging([
      .engramRows: "\(size.rows)", .engramColumns: "\(table.addresses.columns)",
    ])
    return Response(status: .ok, headers: headers, body: .init(byteBuffer: rows.buffer))
  }

  /// `POST /v1/tables/{name}/prefetch`.
  @Sendable func prefetch(_ request: Request, _ context: ServiceContext) async throws -> Response {
    let query = try RowsQuery(
      request.uri.query, knowing: [.input, .missing, .masks, .segments])
    let (table, body) = try await receive(request, context)
    let size = try query.size(ofBody: body.readableBytes, of: table, limits: state.limits)
    // Row ids, and what sorting their pages takes.
    try context.admission?.take(40 * size.rows)
    let pages = try await state.runBlocking {
      let rows = try query.rows(in: body, of: table, size: size)
      return rows.withRows(0..<rows.count) { table.table.prefetch($0) }
    }
    var headers = Self.headers(of: table)
    headers[.contentType] = "application/json"
    return Response(
      status: .accepted, headers: headers,
      body: .init(byteBuffer: ByteBuffer(string: "{\"pages\":\(pages)}")))
  }

  // MARK: - Parts

  /// Whether rows may be gathered on the event loop: so few that nobody has to wait for long.
  private func mayStay(_ query: RowsQuery, _ table: OpenTable, _ size: RowsQuery.Size) -> Bool {
    guard size.rows <= Warmth.rows, state.warmth.isLikely() else { return false }
    if query.input == .rows { return true }
    guard case .hashed = table.addresses else { return false }
    return true
  }

  private func timed(_ body: () throws -> ByteBuffer) throws -> ByteBuffer {
    let start = ContinuousClock.now
    let answer = try body()
    let now = ContinuousClock.now
    state.warmth.learn(now - start, at: now)
    return answer
  }

  /// The table that the path names, and the body. One version: the one that is newest now.
  private func receive(
    _ request: Request, _ context: ServiceContext
  ) async throws -> (OpenTable, ByteBuffer) {
    let title = try context.segment()
    let type = request.headers[.contentType] ?? ""
    guard type.prefix(24).lowercased() == "application/octet-stream" else {
      throw ServiceError.wrongType(found: type, expected: "application/octet-stream")
    }
    let body = try await RequestBytes(limits: state.limits).collect(request, context)
    // Most of the time it is open, and this is no place to wait for a thread.
    let table: OpenTable
    if let opened = state.cache.openedTable(title) {
      table = opened
    } else {
      table = try await state.runBlocking { [cache = state.cache] in try cache.table(title) }
    }
    try Self.check(request.headers[.ifMatch], of: table)
    return (table, body)
  }

  /// - Throws: `ServiceError.otherVersion` where a request names another identity.
  private static func check(_ condition: String?, of table: OpenTable) throws(ServiceError) {
    guard let condition, condition != "*" else { return }
    let identity = table.manifest.identity
    let named = condition.split(separator: ",").map { tag in
      tag.filter { $0 != " " && $0 != "\"" }
    }
    guard named.contains(identity) else {
      throw .otherVersion(title: table.title, identity: identity)
    }
  }

  private static func headers(of table: OpenTable) -> HTTPFields {
    [
      .contentType: "application/octet-stream", .engramTable: table.title,
      .eTag: "\"\(table.manifest.identity)\"",
    ]
  }
}

extension HTTPFields {
  fileprivate func merging(_ others: HTTPFields) -> HTTPFields {
    var all = self
    all.append(contentsOf: others)
    return all
  }
}

extension HTTPField.Name {
  /// `name@version` of the table that was served.
  static let engramTable = HTTPField.Name("Engram-Table")!
  /// How many rows an answer has.
  static let engramRows = HTTPField.Name("Engram-Rows")!
  /// Rows a token; 1 where rows were asked for by number.
  static let engramColumns = HTTPField.Name("Engram-Columns")!
  /// Bytes of a row of the answer.
  static let engramRowBytes = HTTPField.Name("Engram-Row-Bytes")!
}
