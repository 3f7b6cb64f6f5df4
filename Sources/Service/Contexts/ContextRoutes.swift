import ContextStore
import HTTPTypes
import Hummingbird
import NIOCore

/// Adds the routes of the context store. They are there without one, too, and say so.
func addContextRoutes(to router: Router<ServiceContext>, state: ServiceState) {
  let spaces = ContextSpaceRoutes(state: state)
  router.get("v1/contexts", use: spaces.list)
  router.post("v1/contexts", use: spaces.open)
  let blocks = ContextBlockRoutes(state: state)
  router.post("v1/contexts/:id/lookup", use: blocks.lookup)
  router.post("v1/contexts/:id/prefetch", use: blocks.prefetch)
  router.post("v1/contexts/:id/pin", use: blocks.pin)
  router.post("v1/contexts/:id/clear", use: blocks.clear)
  router.post("v1/contexts/:id/get", use: ContextGetRoute(state: state).get)
  router.post("v1/contexts/:id/gather", use: ContextGatherRoute(state: state).gather)
  router.post("v1/contexts/:id/put", use: ContextPutRoute(state: state).put)
}

extension ServiceState {
  /// The namespace that a path names, known before anything of the body is read.
  ///
  /// - Throws: `ServiceError`.
  func namedSpace(_ context: ServiceContext) throws -> NamedSpace {
    let contexts = try requireContexts()
    let id = try context.segment("id")
    return NamedSpace(contexts: contexts, id: id, layout: try contexts.layout(id))
  }

  /// Runs what may wait and needs memory that was admitted: it is counted until the work is done, also
  /// where nobody waits for it any more.
  func runBlocking<R: Sendable>(
    keeping admission: Admission?, _ body: @escaping @Sendable () throws -> R
  ) async throws -> R {
    try await runBlocking {
      defer { withExtendedLifetime(admission) {} }
      return try body()
    }
  }
}

/// A namespace that a request names.
struct NamedSpace: Sendable {
  let contexts: OpenContexts
  let id: String
  let layout: ContextLayout

  /// Opens it. May wait for the disk.
  ///
  /// - Throws: as `OpenContexts.space(_:)`.
  func open() throws -> ContextSpace { try contexts.space(id) }
}

extension HTTPField.Name {
  /// Blocks that an answer has.
  static let engramBlocks = HTTPField.Name("Engram-Blocks")!
}
