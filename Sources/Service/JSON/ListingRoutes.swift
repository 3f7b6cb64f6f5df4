import Datasets
import HTTPTypes
import Hummingbird
import NIOCore
import Retrieval
import Serving
import Storage

/// What the store has.
struct ListingRoutes: Sendable {
  let state: ServiceState

  /// `GET /v1/store`.
  @Sendable func store(_ request: Request, _ context: ServiceContext) async throws -> Response {
    try await answer(request) { [contexts = state.contexts] store in
      try .json(
        StoreNumbers(
          version: Release.version, tables: store.publishedTables().count,
          datasets: store.datasetVersions().count, indexes: store.publishedIndexes().count,
          contexts: contexts?.count))
    }
  }

  /// `GET /v1/tables`.
  @Sendable func tables(_ request: Request, _ context: ServiceContext) async throws -> Response {
    try await answer(request) { try .json(["tables": TableSummary.all(in: $0)]) }
  }

  /// `GET /v1/tables/{name}`.
  @Sendable func table(_ request: Request, _ context: ServiceContext) async throws -> Response {
    try Query.refuseAll(request.uri.query)
    let name = try context.segment()
    return try await state.runBlocking { [state] in
      let table = try state.cache.table(name)
      return try .json(
        TableDescription(table),
        headers: [.engramTable: table.title, .eTag: "\"\(table.manifest.identity)\""])
    }
  }

  /// `GET /v1/datasets`.
  @Sendable func datasets(_ request: Request, _ context: ServiceContext) async throws -> Response {
    try await answer(request) { try .json(["datasets": DatasetSummary.all(in: $0)]) }
  }

  /// `GET /v1/datasets/{name}`.
  @Sendable func dataset(_ request: Request, _ context: ServiceContext) async throws -> Response {
    try Query.refuseAll(request.uri.query)
    let name = try context.segment()
    return try await state.runBlocking { [state] in
      let dataset = try state.cache.dataset(name)
      let version = dataset.dataset.version
      let versions = try state.cache.store().datasetVersions()
        .filter { $0.manifest.name == version.manifest.name }.count
      return try .json(
        DatasetDescription(version, versions: versions), headers: SampleRoutes.headers(of: dataset))
    }
  }

  /// `GET /v1/indexes`.
  @Sendable func indexes(_ request: Request, _ context: ServiceContext) async throws -> Response {
    try await answer(request) { try .json(["indexes": IndexSummary.all(in: $0)]) }
  }

  private func answer(
    _ request: Request, _ body: @escaping @Sendable (Store) throws -> Response
  ) async throws -> Response {
    try Query.refuseAll(request.uri.query)
    return try await state.runBlocking { [cache = state.cache] in
      try body(cache.store())
    }
  }
}

/// How much a store has.
private struct StoreNumbers: Encodable {
  var version: String
  var tables: Int
  var datasets: Int
  var indexes: Int
  /// Namespaces of the context store; nothing is said where there is none.
  var contexts: Int?
}

/// Queries of routes that take no parameters.
enum Query {
  /// - Throws: `ServiceError.unknownParameter` of the first there is: it would go unseen.
  static func refuseAll(_ query: String?) throws(ServiceError) {
    guard let first = query?.split(separator: "&").first else { return }
    throw .unknownParameter(name: String(first.prefix { $0 != "=" }), known: [])
  }
}
