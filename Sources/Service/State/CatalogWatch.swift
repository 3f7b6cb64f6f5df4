import Logging
import ServiceLifecycle

/// Looks about once a second whether something was published or dropped.
struct CatalogWatch: Service {
  let state: ServiceState
  let interval: Duration

  func run() async throws {
    await cancelWhenGracefulShutdown {
      var isFailing = false
      while !Task.isCancelled {
        do {
          try await Task.sleep(for: interval)
          // Away from requests: they must not wait for it, nor it for them.
          if try await state.pool.run({ [cache = state.cache] in try cache.refresh() }) {
            state.logger.info("the store has changed")
          }
          isFailing = false
          state.life.canRead.store(true, ordering: .relaxed)
        } catch is CancellationError {
          return
        } catch {
          // Said once, not once a second.
          if !isFailing { state.logger.error("cannot look at the store: \(error)") }
          isFailing = true
          state.life.canRead.store(false, ordering: .relaxed)
        }
      }
    }
  }
}
