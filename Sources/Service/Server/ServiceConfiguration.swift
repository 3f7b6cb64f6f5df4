import Logging
import Tokenization

/// What a service is started with.
public struct ServiceConfiguration: Sendable {
  /// Certificate and key of a server that speaks TLS.
  public struct TLS: Sendable {
    /// The certificate chain, PEM.
    public var certificate: String
    /// Its key, PEM.
    public var key: String

    /// Two files.
    public init(certificate: String, key: String) {
      self.certificate = certificate
      self.key = key
    }
  }

  /// A context store that is served too.
  public struct Context: Sendable {
    /// Its folder, made where there is none.
    public var path: String
    /// The cap in bytes, kept with it; `nil` leaves the one that is kept.
    public var capacityBytes: Int?

    /// A folder and a cap.
    public init(path: String, capacityBytes: Int? = nil) {
      self.path = path
      self.capacityBytes = capacityBytes
    }
  }

  /// The store's folder.
  public var store: String
  /// The context store, where one is served.
  public var context: Context?
  /// Where it listens.
  public var listen: ListenAddress
  /// Who may ask by a Unix socket, as `chmod` takes it.
  public var socketMode = 0o600
  /// TLS, where it is spoken.
  public var tls: TLS?
  /// The token that requests must have, where they must.
  public var token: ServiceToken?
  /// Whether it may listen beyond this machine without TLS.
  public var isInsecure = false
  /// What requests may take.
  public var limits = ServiceLimits()
  /// Tokenizers, for explanations and contexts.
  public var tokenizers: [Tokenizer] = []
  /// Where it says what it does.
  public var logger: Logger

  /// A service of a store.
  public init(store: String, listen: ListenAddress, logger: Logger) {
    self.store = store
    self.listen = listen
    self.logger = logger
  }

  /// - Throws: `ConfigurationError` where the service would be open to others than its user without
  ///   being meant to.
  func check() throws(ConfigurationError) {
    guard case .tcp(let host, _) = listen, !listen.isLoopback else { return }
    guard token != nil else { throw .needsToken(host: host) }
    guard tls != nil || isInsecure else { throw .needsTLS(host: host) }
  }
}

/// Why a service cannot be started. Prints as one line.
public enum ConfigurationError: Error, Hashable, Sendable, CustomStringConvertible {
  /// No address.
  case badAddress(String)
  /// A path that a socket cannot have.
  case badSocketPath(path: String, reason: String)
  /// Somebody listens there.
  case inUse(address: String)
  /// The system refused the address.
  case cannotListen(address: String, reason: String)
  /// No token.
  case badToken(path: String)
  /// Beyond this machine without a token.
  case needsToken(host: String)
  /// Beyond this machine without TLS.
  case needsTLS(host: String)
  /// A certificate or key that cannot be used.
  case badCertificate(path: String, reason: String)

  /// One line: what is wrong, and what to do.
  public var description: String {
    switch self {
    case .badAddress(let text):
      "\(text) is no address; give unix:PATH, HOST:PORT or [IPV6]:PORT"
    case .badSocketPath(let path, let reason): "\(path) cannot be a socket: \(reason)"
    case .inUse(let address):
      "another program listens on \(address); stop it, or give another address"
    case .cannotListen(let address, let reason): "cannot listen on \(address): \(reason)"
    case .badToken(let path):
      "\(path) holds no token: \(ServiceToken.fewestBytes) or more letters, digits or signs on one "
        + "line; make one with: head -c 32 /dev/urandom | base64"
    case .needsToken(let host):
      "\(host) is reached from other machines; give --token-file, or listen on 127.0.0.1"
    case .needsTLS(let host):
      "\(host) is reached from other machines; give --tls-cert and --tls-key, or --insecure "
        + "where something else encrypts"
    case .badCertificate(let path, let reason): "\(path) cannot be used for TLS: \(reason)"
    }
  }
}
