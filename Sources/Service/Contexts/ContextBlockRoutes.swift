import ContextStore
import Hummingbird
import NIOCore
import Serving

/// What is asked of a prompt's blocks without any of their bytes.
struct ContextBlockRoutes: Sendable {
  let state: ServiceState

  /// `POST /v1/contexts/{id}/lookup`.
  @Sendable func lookup(_ request: Request, _ context: ServiceContext) async throws -> Response {
    let query = try ContextQuery(request.uri.query, knowing: [.keys])
    return try await answer(request, context, query) { space, blocks in
      try .json(Found(try space.lookup(blocks), in: space.namespace.layout))
    }
  }

  /// `POST /v1/contexts/{id}/prefetch`.
  @Sendable func prefetch(_ request: Request, _ context: ServiceContext) async throws -> Response {
    let query = try ContextQuery(
      request.uri.query,
      knowing: [.keys, .group, .firstLayer, .layers, .firstBlock, .blocks])
    return try await answer(request, context, query) { space, blocks in
      let shape = try GroupShape(query.text(.group, "a group's name"), of: space.namespace.layout)
      let layers = try shape.layers(query)
      let prefix = try space.lookup(blocks)
      let asked = try query.blocks(of: prefix.blockCount)
      let pages =
        layers.isEmpty || asked.isEmpty
        ? 0 : try prefix.prefetch(shape.name, layers: layers, blocks: asked)
      var response = try Response.json(["pages": pages])
      response.status = .accepted
      return response
    }
  }

  /// `POST /v1/contexts/{id}/pin`.
  @Sendable func pin(_ request: Request, _ context: ServiceContext) async throws -> Response {
    let query = try ContextQuery(request.uri.query, knowing: [.keys, .seconds])
    let seconds = try query.seconds
    return try await answer(request, context, query) { space, blocks in
      try .json(["pinned": space.pin(blocks, seconds: seconds)])
    }
  }

  /// `POST /v1/contexts/{id}/clear`.
  @Sendable func clear(_ request: Request, _ context: ServiceContext) async throws -> Response {
    let query = try ContextQuery(request.uri.query, knowing: [.keys])
    return try await answer(request, context, query) { space, blocks in
      if blocks.nameNothing { return try .json(["cleared": space.clear(nil)]) }
      // Tokens that are no whole block name no block: not all of them, then.
      let isBlock = blocks.count(blockTokens: space.namespace.layout.blockTokens) > 0
      return try .json(["cleared": isBlock ? space.clear(blocks) : 0])
    }
  }

  private func answer(
    _ request: Request, _ context: ServiceContext, _ query: ContextQuery,
    _ body: @escaping @Sendable (ContextSpace, ContextBlocks) throws -> Response
  ) async throws -> Response {
    let named = try state.namedSpace(context)
    let names = try await BlockNames(request, context, query, limits: state.limits)
    return try await state.runBlocking(keeping: context.admission) {
      try body(named.open(), names.blocks())
    }
  }
}

/// What a lookup found.
private struct Found: Encodable {
  /// The longest prefix of which some group is there, in blocks and in tokens.
  var blocks: Int
  var tokens: Int
  /// How each group is there.
  var groups: [String: Group]

  struct Group: Encodable {
    var leading: Int
    var trailing: Int
    var present: Int
  }

  init(_ prefix: ContextPrefix, in layout: ContextLayout) throws {
    blocks = prefix.blockCount
    tokens = prefix.blockCount * layout.blockTokens
    groups = [:]
    for group in layout.groups {
      let there = try PresentBlocks(group.name, of: prefix)
      groups[group.name] = Group(
        leading: there.leading, trailing: there.trailing, present: there.present)
    }
  }
}

extension ContextQuery {
  /// The blocks that a query asks for, of a prefix of so many: those of them that it has.
  ///
  /// - Throws: `ServiceError.badParameter`.
  func blocks(of count: Int) throws(ServiceError) -> Range<Int> {
    let first = min(try number(.firstBlock) ?? 0, count)
    return first..<(first + min(try number(.blocks) ?? count, count - first))
  }
}
