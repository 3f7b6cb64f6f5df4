/// What requests and connections may take: over these, a clear status, and no more memory.
public struct ServiceLimits: Sendable {
  /// Bytes of a request's body.
  public var bodyBytes = 16 << 20
  /// Rows a request; tokens times columns where it gives tokens.
  public var rows = 1 << 20
  /// Namespaces of the context store: they are never forgotten.
  public var contextSpaces = 4096
  /// Requests that are answered at once.
  public var requests = 256
  /// Bytes that requests may use at once, those included that clients have not read yet.
  public var memoryBytes = 512 << 20
  /// From a request's first byte to the end of its head.
  public var headerTime = Duration.seconds(10)
  /// From the end of its head to the end of its body.
  public var bodyTime = Duration.seconds(30)
  /// A piece of work on its behalf.
  public var requestTime = Duration.seconds(30)
  /// Between requests of a connection.
  public var idleTime = Duration.seconds(60)
  /// While a client reads nothing of what was written to it.
  public var stallTime = Duration.seconds(10)
  /// Connections; further ones are closed at once.
  public var connections = 16_384
  /// From the first signal until what is not answered is given up.
  public var stopTime = Duration.seconds(45)
  /// How often the catalog is looked at.
  public var refreshTime = Duration.seconds(1)

  /// What a machine of some memory bears.
  public init() {}

  /// A row answer of more bytes is gathered and sent in pieces of so many.
  var pieceBytes: Int { 512 << 10 }
}
