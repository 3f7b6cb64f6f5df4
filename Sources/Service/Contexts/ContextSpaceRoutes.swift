import ContextStore
import Foundation
import Hummingbird
import NIOCore
import Serving

/// The namespaces of the context store.
struct ContextSpaceRoutes: Sendable {
  let state: ServiceState

  /// `GET /v1/contexts`.
  @Sendable func list(_ request: Request, _ context: ServiceContext) async throws -> Response {
    try Query.refuseAll(request.uri.query)
    let contexts = try state.requireContexts()
    return try await state.runBlocking {
      let spaces = contexts.store.spaces()
      try context.admission?.take(spaces.reduce(4096) { $0 + SpaceSummary.mostBytes(of: $1) })
      return try .json(
        Listing(
          statistics: contexts.store.statistics,
          namespaces: SpaceSummary.all(spaces, contexts.store.spaceStatistics())))
    }
  }

  /// `POST /v1/contexts`.
  @Sendable func open(_ request: Request, _ context: ServiceContext) async throws -> Response {
    try Query.refuseAll(request.uri.query)
    let contexts = try state.requireContexts()
    let body = try await JSONRequests(limits: state.limits).collect(request, context)
    return try await state.runBlocking(keeping: context.admission) {
      let lifetimes = try JSONBody.decode(Lifetimes.self, from: body).seconds
      let namespace = try ContextNamespace(json: body, ignoring: ["lifetimes"])
      let space = try contexts.open(namespace, lifetimes: lifetimes)
      return try .json(SpaceSummary(space.namespace))
    }
  }

  private struct Listing: Encodable {
    var statistics: ContextStatistics
    var namespaces: [SpaceSummary]
  }
}

/// What a request to open a namespace says beside its description:
/// `{"lifetimes":{"window":600}}`, seconds.
private struct Lifetimes: Decodable {
  let seconds: [String: Double]

  enum Keys: String, CodingKey, CaseIterable { case lifetimes }

  init(from decoder: any Decoder) throws {
    let members = try StrictMembers(of: decoder, Keys.self)
    do {
      seconds = try members.optional(.lifetimes, [String: Double].self) ?? [:]
    } catch {
      throw RequestError.malformed(reason: "member \"lifetimes\" is no object of seconds by group")
    }
  }
}

/// A namespace as it is answered: its id and description, and what of it is stored where that is
/// asked for.
struct SpaceSummary: Encodable {
  private let namespace: ContextNamespace
  private let statistics: ContextSpaceStatistics?
  private let saysWhatIsStored: Bool

  private enum Keys: String, CodingKey {
    case id, model, revision, tokenizer, salt, groups, blocks, bytes, pinned
    case blockTokens = "block_tokens"
  }

  init(
    _ namespace: ContextNamespace, _ statistics: ContextSpaceStatistics? = nil,
    saysWhatIsStored: Bool = false
  ) {
    self.namespace = namespace
    self.statistics = statistics
    self.saysWhatIsStored = saysWhatIsStored
  }

  /// All namespaces, by model and id.
  static func all(
    _ spaces: [ContextNamespace], _ statistics: [ContextSpaceStatistics]
  ) -> [SpaceSummary] {
    let byID = Dictionary(statistics.map { ($0.id, $0) }) { $1 }
    return spaces.sorted { ($0.model, $0.id) < ($1.model, $1.id) }
      .map { SpaceSummary($0, byID[$0.id], saysWhatIsStored: true) }
  }

  /// Bytes that a namespace takes until it is JSON, at most: a sign of a text is six where it is
  /// escaped.
  static func mostBytes(of space: ContextNamespace) -> Int {
    let texts =
      [space.model, space.revision, space.tokenizer, space.salt]
      + space.layout.groups.flatMap { [$0.name, $0.dtype] }
    return 1024 + 512 * space.layout.groups.count + 6 * texts.reduce(0) { $0 + $1.utf8.count }
  }

  func encode(to encoder: any Encoder) throws {
    var members = encoder.container(keyedBy: Keys.self)
    try members.encode(namespace.id, forKey: .id)
    try members.encode(namespace.model, forKey: .model)
    try members.encode(namespace.revision, forKey: .revision)
    try members.encode(namespace.tokenizer, forKey: .tokenizer)
    try members.encode(namespace.salt, forKey: .salt)
    try members.encode(namespace.layout.blockTokens, forKey: .blockTokens)
    try members.encode(namespace.layout.groups, forKey: .groups)
    guard saysWhatIsStored else { return }
    try members.encode(statistics?.blocks ?? 0, forKey: .blocks)
    try members.encode(statistics?.bytes ?? 0, forKey: .bytes)
    try members.encode(statistics?.pinned ?? 0, forKey: .pinned)
  }
}
