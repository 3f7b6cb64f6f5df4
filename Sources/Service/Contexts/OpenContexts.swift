import ContextStore
import Logging
import Synchronization

/// The context store of a service: this process writes it, and namespaces are known by their id, those
/// too that were opened before the service was started.
public final class OpenContexts: Sendable {
  let store: ContextStore
  /// The most namespaces: each is kept for ever.
  private let mostSpaces: Int
  private let state: Mutex<State>

  private struct State {
    /// All that the store knows, by id.
    var known: [String: ContextNamespace]
    /// Those of them that were asked for.
    var open: [String: ContextSpace] = [:]
  }

  /// Opens the store in a folder, and makes it where there is none.
  ///
  /// - Throws: `ContextError`, `FileError`.
  init(_ configuration: ServiceConfiguration.Context, limits: ServiceLimits, logger: Logger) throws
  {
    var options = ContextStore.Options()
    options.capacityBytes = configuration.capacityBytes
    options.log = { logger.warning("\($0)") }
    store = try ContextStore(path: configuration.path, mode: .writing, options: options)
    mostSpaces = limits.contextSpaces
    let known = store.spaces().map { ($0.id, $0) }
    state = Mutex(State(known: Dictionary(known) { $1 }))
  }

  /// How many namespaces there are.
  var count: Int { state.withLock { $0.known.count } }

  /// How the blocks of a namespace lie, without waiting for anything.
  ///
  /// - Throws: `ServiceError.noContextSpace`.
  func layout(_ id: String) throws(ServiceError) -> ContextLayout {
    guard let known = state.withLock({ $0.known[id] }) else { throw .noContextSpace(id: id) }
    return known.layout
  }

  /// The namespace of an id, opened at most once. May wait for the disk.
  ///
  /// - Throws: `ServiceError.noContextSpace`, `ContextError`.
  func space(_ id: String) throws -> ContextSpace {
    let (open, known) = state.withLock { ($0.open[id], $0.known[id]) }
    if let open { return open }
    guard let known else { throw ServiceError.noContextSpace(id: id) }
    let space = try store.space(known)
    return state.withLock { state in
      let first = state.open[id] ?? space
      state.open[id] = first
      return first
    }
  }

  /// Opens a namespace that may be new. May wait for the disk.
  ///
  /// - Throws: `ServiceError.tooManyContextSpaces`, `ContextError`.
  func open(_ namespace: ContextNamespace, lifetimes: [String: Double]) throws -> ContextSpace {
    let id = namespace.id
    // Taken before the store is asked, so that no two requests take the last place.
    let isNew = try state.withLock { state in
      guard state.known[id] == nil else { return false }
      guard state.known.count < mostSpaces else {
        throw ServiceError.tooManyContextSpaces(limit: mostSpaces)
      }
      state.known[id] = namespace
      return true
    }
    do {
      let space = try store.space(namespace, lifetimes: lifetimes)
      state.withLock { $0.open[id] = space }
      return space
    } catch {
      if isNew { state.withLock { _ = $0.known.removeValue(forKey: id) } }
      throw error
    }
  }

  /// Ends it: everything put is on the disk then.
  func close() {
    state.withLock { $0.open = [:] }
    store.close()
  }
}
