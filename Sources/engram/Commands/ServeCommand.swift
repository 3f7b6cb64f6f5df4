import ArgumentParser
import Files
import Foundation
import Logging
import Service
import Synchronization
import Tokenization

/// `engram serve`: tables, datasets, questions and contexts over HTTP.
struct ServeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "serve",
    abstract: "Serve a store over HTTP: rows, samples, questions, and a page for people.",
    discussion: """
      Listens on this machine alone, unless it is told otherwise: beyond it a token is needed, and \
      TLS or --insecure. What is published while it runs is seen within about a second; each request \
      is served from one version. SIGTERM or Ctrl-C: what was accepted is answered, then it ends; \
      the second ends it at once.

        engram serve
        engram serve --listen unix:/run/engram.sock --tokenizer tokenizer.json
        engram serve --context /mnt/nvme/context --context-capacity 64G --max-body 64M
        engram serve --listen 0.0.0.0:8443 --token-file token --tls-cert cert.pem --tls-key key.pem
        curl http://127.0.0.1:8080/v1/tables
      """)

  /// How logs are written.
  enum LogFormat: String, ExpressibleByArgument, CaseIterable {
    case text
    case json
  }

  @Option(help: ArgumentHelp("unix:PATH or HOST:PORT.", valueName: "address"))
  var listen = "127.0.0.1:8080"

  @Option(
    help: ArgumentHelp(
      "Who may ask by a Unix socket, as chmod takes it: 600 its user, 660 its group too, 666 all.",
      valueName: "mode"))
  var socketMode = "600"

  @Option(
    help: ArgumentHelp("A file with the token that requests must have.", valueName: "file"))
  var tokenFile: String?

  @Option(help: ArgumentHelp("The certificate chain, PEM.", valueName: "file"))
  var tlsCert: String?

  @Option(help: ArgumentHelp("The certificate's key, PEM.", valueName: "file"))
  var tlsKey: String?

  @Flag(help: "Listen beyond this machine without TLS.")
  var insecure = false

  @Option(
    help: ArgumentHelp(
      "A model's tokenizer.json, for explanations; may be given several times.", valueName: "file"))
  var tokenizer: [String] = []

  @Option(
    help: ArgumentHelp(
      "A context store's folder, served under /v1/contexts; made where there is none.",
      valueName: "folder"))
  var context: String?

  @Option(
    help: ArgumentHelp(
      "The most bytes of the context store's folder, kept with it: 64G.", valueName: "size"))
  var contextCapacity: String?

  @Option(help: "Write logs as text, or as JSON lines.")
  var logFormat: LogFormat = .text

  @Option(
    help: ArgumentHelp("The least that is logged: debug, info, warning, error.", valueName: "level")
  )
  var logLevel = "info"

  @Option(help: ArgumentHelp("The most bytes of a request's body: 16M.", valueName: "size"))
  var maxBody = "16M"

  @Option(help: ArgumentHelp("The most rows of a request.", valueName: "rows"))
  var maxRows = 1 << 20

  @Option(help: ArgumentHelp("The most requests at once.", valueName: "count"))
  var maxRequests = 256

  @Option(
    help: ArgumentHelp("The most bytes that requests use at once: 512M.", valueName: "size"))
  var maxMemory = "512M"

  @Option(help: ArgumentHelp("The most connections.", valueName: "count"))
  var maxConnections = 16_384

  @Option(help: ArgumentHelp("The most seconds that an answer takes.", valueName: "seconds"))
  var requestTime = 30

  @OptionGroup var store: StoreOptions

  func validate() throws {
    guard (tlsCert == nil) == (tlsKey == nil) else {
      throw ValidationError("give --tls-cert and --tls-key together")
    }
    guard contextCapacity == nil || context != nil else {
      throw ValidationError("--context-capacity is that of a context store; give --context too")
    }
    guard Logger.Level(rawValue: logLevel) != nil else {
      throw ValidationError("--log-level takes debug, info, warning or error")
    }
    guard maxRows > 0, maxRequests > 0, maxConnections > 0, (1...86_400).contains(requestTime)
    else { throw ValidationError("limits are 1 or more, --request-time up to 86400") }
  }

  func run() throws {
    let service = try EngramService(serviceConfiguration())
    var status = stat()
    if let tokenFile, stat(tokenFile, &status) == 0, status.st_mode & 0o077 != 0 {
      service.configuration.logger.warning(
        "others may read \(tokenFile); run: chmod 600 \(tokenFile)")
    }
    let outcome = Mutex<Result<Void, any Error>>(.success(()))
    let ended = DispatchSemaphore(value: 0)
    let signals = StopSignals(service)
    Task {
      do {
        try await service.run { address in
          print("listening on \(address)")
          fflush(nil)
        }
      } catch {
        outcome.withLock { $0 = .failure(error) }
      }
      ended.signal()
    }
    ended.wait()
    signals.cancel()
    try outcome.withLock { $0 }.get()
  }

  private func serviceConfiguration() throws -> ServiceConfiguration {
    let format = logFormat
    var logger = Logger(label: "engram") { label -> any LogHandler in
      switch format {
      case .json: JSONLogHandler()
      case .text: StreamLogHandler.standardError(label: label)
      }
    }
    logger.logLevel = Logger.Level(rawValue: logLevel) ?? .info
    var configuration = ServiceConfiguration(
      store: store.path, listen: try ListenAddress(parsing: listen), logger: logger)
    guard let mode = Int(socketMode, radix: 8), (0...0o777).contains(mode) else {
      throw CommandError("--socket-mode \(socketMode) is no mode", hint: "write 600, 660 or 666")
    }
    configuration.socketMode = mode
    if let tlsCert, let tlsKey { configuration.tls = .init(certificate: tlsCert, key: tlsKey) }
    if let tokenFile {
      let text = String(
        decoding: try DurableFile.read(tokenFile, limit: 65_536), as: UTF8.self)
      configuration.token = try ServiceToken(text, from: tokenFile)
    }
    configuration.isInsecure = insecure
    configuration.tokenizers = try tokenizer.map { try Tokenizer(path: $0) }
    configuration.limits.bodyBytes = try size(maxBody, of: "--max-body")
    configuration.limits.memoryBytes = try size(maxMemory, of: "--max-memory")
    configuration.limits.rows = maxRows
    configuration.context = try context.map { path in
      .init(
        path: path,
        capacityBytes: try contextCapacity.map { try size($0, of: "--context-capacity") })
    }
    configuration.limits.requests = maxRequests
    let descriptors = DescriptorLimit.raise()
    configuration.limits.connections = DescriptorLimit.connections(
      wished: maxConnections, descriptors: descriptors)
    if configuration.limits.connections < maxConnections {
      logger.notice(
        "at most \(configuration.limits.connections) connections: the system grants \(descriptors) files and sockets; raise it with ulimit -n"
      )
    }
    configuration.limits.requestTime = .seconds(requestTime)
    return configuration
  }

  private func size(_ text: String, of option: String) throws -> Int {
    guard let bytes = ByteCount.parse(text), bytes > 0 else {
      throw CommandError("\(option) \(text) is no size", hint: "write 16M or 1G")
    }
    return bytes
  }
}

/// SIGTERM and SIGINT: the first asks a service to end, the second ends the process.
final class StopSignals {
  private let sources: [any DispatchSourceSignal]

  init(_ service: EngramService) {
    let box = Counter()
    sources = [SIGTERM, SIGINT].map { number in
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
      source.setEventHandler {
        if box.count.wrappingAdd(1, ordering: .relaxed).newValue > 1 {
          service.abandon()
          _exit(128 + number)
        }
        Task { await service.stop() }
      }
      source.resume()
      return source
    }
  }

  private final class Counter: Sendable {
    let count = Atomic(0)
  }

  func cancel() { for source in sources { source.cancel() } }
}
