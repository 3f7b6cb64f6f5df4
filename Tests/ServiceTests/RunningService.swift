import Foundation
import Logging
import Service
import TestStores

/// A service on a socket of its own, for the time of a test.
struct RunningService: Sendable {
  let service: EngramService
  let address: ListenAddress
  let served: ServedStore
  private let task: Task<Void, any Error>

  /// One store for all tests that only read.
  static let shared = Result { try ServedStore() }

  /// Starts a service over `served`, or over the store that all share.
  static func start(
    _ served: ServedStore? = nil, _ configure: (inout ServiceConfiguration) -> Void = { _ in }
  ) async throws -> RunningService {
    let served = try served ?? shared.get()
    var logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    logger.logLevel = .critical
    let socket = served.scratch("s\(UInt32.random(in: 0 ... .max))")
    var configuration = ServiceConfiguration(
      store: served.path, listen: .unix(socket), logger: logger)
    configuration.limits.refreshTime = .milliseconds(20)
    configure(&configuration)
    let service = try EngramService(configuration)
    let (addresses, found) = AsyncStream.makeStream(of: ListenAddress.self)
    let task = Task {
      defer { found.finish() }
      try await service.run { found.yield($0) }
    }
    for await address in addresses {
      return RunningService(service: service, address: address, served: served, task: task)
    }
    try await task.value
    throw CancellationError()
  }

  /// Stops it as a signal does, and waits for its end.
  func stop() async throws {
    await service.stop()
    try await task.value
  }

  /// Runs what blocks on a thread of its own: the threads of tasks are the service's here.
  func client<R: Sendable>(
    _ body: @escaping @Sendable (PlainClient) throws -> R
  ) async throws -> R {
    let address = address
    return try await onThread { try body(PlainClient(address)) }
  }
}

/// Runs what blocks on a thread of its own.
func onThread<R: Sendable>(_ body: @escaping @Sendable () throws -> R) async throws -> R {
  try await withCheckedThrowingContinuation { continuation in
    Thread.detachNewThread { continuation.resume(with: Result(catching: body)) }
  }
}

/// Starts a service, runs a test against it, stops it.
func withService(
  _ served: ServedStore? = nil,
  configured configure: (inout ServiceConfiguration) -> Void = { _ in },
  _ test: (RunningService) async throws -> Void
) async throws {
  let running = try await RunningService.start(served, configure)
  do {
    try await test(running)
  } catch {
    try? await running.stop()
    throw error
  }
  try await running.stop()
}
