import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdCore
import HummingbirdTLS
import Logging
import NIOCore
import NIOPosix
import NIOSSL
import ServiceLifecycle
import Serving
import Synchronization

/// The HTTP service of a store.
///
///     let service = try EngramService(configuration)
///     try await service.run { print("listening on \($0)") }
///
/// It ends with the group that runs it: it stops accepting, answers what was accepted, and removes
/// its socket.
public final class EngramService: Sendable {
  /// What it was started with.
  public let configuration: ServiceConfiguration
  /// What its requests share.
  public let state: ServiceState
  private let socket = Mutex<SocketFile?>(nil)
  private let group = Mutex<ServiceGroup?>(nil)

  /// Opens the store and checks the configuration; does not listen yet.
  ///
  /// - Throws: `ConfigurationError`, `StorageError`, `ContextError`.
  public init(_ configuration: ServiceConfiguration) throws {
    try configuration.check()
    self.configuration = configuration
    let limits = configuration.limits
    let metrics = ServiceMetrics()
    let cache = try LiveCache(path: configuration.store)
    state = ServiceState(
      cache: cache,
      contexts: try configuration.context.map {
        try OpenContexts($0, limits: limits, logger: configuration.logger)
      }, metrics: metrics, limits: limits,
      pool: BlockingPool(
        threads: max(4, 2 * System.coreCount), limit: limits.requestTime),
      tokenizers: configuration.tokenizers, needsToken: configuration.token != nil,
      logger: configuration.logger,
      budget: MemoryBudget(bytes: limits.memoryBytes, requests: limits.requests),
      life: ServiceLife())
  }

  /// Listens and answers until the task is cancelled or `stop` is called.
  ///
  /// - Parameter listening: called once, with where it listens: the port that was free, where any
  ///   was asked for.
  /// - Throws: `ConfigurationError`.
  public func run(listening: @escaping @Sendable (ListenAddress) -> Void = { _ in }) async throws {
    let outcome: Result<Void, any Error>
    do {
      outcome = .success(try await serve(listening))
    } catch {
      outcome = .failure(error)
    }
    // Where it never listened, too: what is open may not stay so until the process ends.
    socket.withLock { $0?.remove() }
    state.life.phase.store(.stopping, ordering: .releasing)
    await state.pool.stop()
    state.cache.close()
    state.contexts?.close()
    try outcome.get()
  }

  private func serve(_ listening: @escaping @Sendable (ListenAddress) -> Void) async throws {
    let mask = try prepareSocket()
    defer { if let mask { umask(mask) } }
    var quiet = configuration.logger
    quiet.logLevel = max(quiet.logLevel, .warning)
    let application = Application(
      router: ServiceRouter.make(state: state, token: configuration.token),
      server: try server(),
      configuration: ApplicationConfiguration(
        address: address, serverName: "engram/\(Release.version)", backlog: 4096),
      services: [
        CatalogWatch(state: state, interval: configuration.limits.refreshTime),
        CallExpiry(pool: state.pool),
      ],
      onServerRunning: { [self] channel in
        if let mask { umask(mask) }
        socket.withLock { $0?.claim(mode: configuration.socketMode) }
        listening(bound(to: channel))
        let (isReady, _) = state.life.phase.compareExchange(
          expected: .starting, desired: .ready, ordering: .acquiringAndReleasing)
        // Asked to stop when there was nothing to stop yet.
        if !isReady { await stop() }
      },
      logger: quiet)
    var options = ServiceGroupConfiguration(services: [application], logger: quiet)
    options.maximumGracefulShutdownDuration = configuration.limits.stopTime
    let group = ServiceGroup(configuration: options)
    self.group.withLock { $0 = group }
    do {
      try await group.run()
    } catch let error as IOError {
      throw failure(error)
    }
  }

  /// Stops accepting and lets `run` return when what was accepted is answered.
  public func stop() async {
    state.life.phase.store(.stopping, ordering: .releasing)
    await group.withLock { $0 }?.triggerGracefulShutdown()
  }

  /// Removes the socket: for who ends the process at once.
  public func abandon() { socket.withLock { $0?.remove() } }

  // MARK: - Parts

  /// Makes way for the socket, and nobody else's before its rights are set; returns the process's
  /// file mask.
  private func prepareSocket() throws -> mode_t? {
    guard case .unix(let path) = configuration.listen else { return nil }
    let file = try SocketFile(preparing: path)
    socket.withLock { $0 = file }
    // Folders that the process makes meanwhile can still be used.
    return umask(0o077)
  }

  private var address: BindAddress {
    switch configuration.listen {
    case .unix(let path): .unixDomainSocket(path: path)
    case .tcp(let host, let port): .hostname(host, port: port)
    }
  }

  private func bound(to channel: any Channel) -> ListenAddress {
    guard case .tcp(let host, _) = configuration.listen, let port = channel.localAddress?.port
    else { return configuration.listen }
    return .tcp(host: host, port: port)
  }

  private func failure(_ error: IOError) -> ConfigurationError {
    let address = configuration.listen.description
    return error.errnoCode == EADDRINUSE
      ? .inUse(address: address)
      : .cannotListen(address: address, reason: String(cString: strerror(error.errnoCode)))
  }

  private func server() throws -> HTTPServerBuilder {
    let limits = configuration.limits
    let connections = ConnectionCount(
      limits: limits, budget: state.budget, metrics: state.metrics)
    let http = HTTP1Channel.Configuration(
      additionalChannelHandlers: [RequestGuard(bodyTime: limits.bodyTime)], idleTimeout: nil,
      httpDecoderConfiguration: .init(
        maxHeaderFieldSize: 16 << 10, maxHeaderListSize: 32 << 10, maxHeaderFieldCount: 100))
    let tls = try configuration.tls.map(Self.tlsConfiguration)
    return HTTPServerBuilder { responder in
      let channel = HTTP1Channel(responder: responder, configuration: http)
      guard let tls else { return ServiceChannel(base: channel, connections: connections) }
      return ServiceChannel(
        base: try TLSChannel(channel, tlsConfiguration: tls), connections: connections)
    }
  }

  private static func tlsConfiguration(
    _ files: ServiceConfiguration.TLS
  ) throws -> TLSConfiguration {
    let chain: [NIOSSLCertificate]
    let key: NIOSSLPrivateKey
    do {
      chain = try NIOSSLCertificate.fromPEMFile(files.certificate)
    } catch {
      throw ConfigurationError.badCertificate(path: files.certificate, reason: "\(error)")
    }
    do {
      key = try NIOSSLPrivateKey(file: files.key, format: .pem)
    } catch {
      throw ConfigurationError.badCertificate(path: files.key, reason: "\(error)")
    }
    var configuration = TLSConfiguration.makeServerConfiguration(
      certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(key))
    configuration.applicationProtocols = ["http/1.1"]
    configuration.minimumTLSVersion = .tlsv12
    return configuration
  }
}
