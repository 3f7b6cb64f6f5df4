import ServiceLifecycle

/// Ends the waiting of requests whose time is over. A group ends its services last first: this one
/// works until the server has answered all.
struct CallExpiry: Service {
  let pool: BlockingPool

  func run() async throws {
    await cancelWhenGracefulShutdown {
      while (try? await Task.sleep(for: .milliseconds(100))) != nil { pool.expire() }
    }
  }
}
