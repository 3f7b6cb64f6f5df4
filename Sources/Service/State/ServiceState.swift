import Logging
import NIOCore
import Synchronization
import Tokenization

/// What all requests share.
public struct ServiceState: Sendable {
  /// What the store has at this moment, opened once.
  public let cache: LiveCache
  /// The context store, where one is served.
  public let contexts: OpenContexts?
  /// What is counted.
  public let metrics: ServiceMetrics
  /// What a request may ask for.
  public let limits: ServiceLimits
  /// Where work that may wait for the disk runs.
  public let pool: BlockingPool
  /// Tokenizers, for explanations and contexts; found by their identity.
  public let tokenizers: [Tokenizer]
  /// Whether requests need a token.
  public let needsToken: Bool
  /// The service's own log.
  public let logger: Logger
  let budget: MemoryBudget
  let life: ServiceLife
  let warmth = Warmth()

  /// Where the service is in its life.
  public var phase: ServicePhase { life.phase.load(ordering: .acquiring) }

  /// Runs what may wait, away from event loops, within the time that a request has.
  ///
  /// - Throws: `ServiceError.outOfTime`, `.stopping`, and what `body` throws.
  public func runBlocking<R: Sendable>(
    _ body: @escaping @Sendable () throws -> R
  ) async throws -> R {
    try await pool.run(body)
  }

  /// The context store.
  ///
  /// - Throws: `ServiceError.noContextStore`.
  func requireContexts() throws(ServiceError) -> OpenContexts {
    guard let contexts else { throw .noContextStore }
    return contexts
  }

  /// The tokenizer of an identity, as manifests name it; `nil` where the service has none.
  public func tokenizer(identity: String) -> Tokenizer? {
    tokenizers.first { $0.identity.description == identity }
  }
}

/// Where a service is in its life: one value for all that ask.
final class ServiceLife: Sendable {
  let phase = Atomic(ServicePhase.starting)
  /// Whether the store could be looked at the last time.
  let canRead = Atomic(true)
}
