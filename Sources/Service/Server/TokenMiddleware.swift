import Hummingbird

/// Lets only those in who know the token.
struct TokenMiddleware: RouterMiddleware {
  let token: ServiceToken?

  /// What everybody may ask: whether the service lives, the page (which holds no data of the store)
  /// and the contract.
  static let open: Set<String> = ["/healthz", "/readyz", "/", "/openapi.yaml"]

  func handle(
    _ request: Request, context: ServiceContext,
    next: (Request, ServiceContext) async throws -> Response
  ) async throws -> Response {
    if let token, !Self.open.contains(request.uri.path) {
      guard let given = request.headers[.authorization], token.isIn(header: given) else {
        throw ServiceError.unauthorized
      }
    }
    return try await next(request, context)
  }
}

/// A bearer token.
public struct ServiceToken: Sendable {
  private let bytes: [UInt8]

  /// The fewest bytes of a token.
  public static let fewestBytes = 16

  /// - Throws: `ConfigurationError.badToken`.
  public init(_ text: String, from path: String = "the token") throws {
    let token = text.utf8.drop { $0 <= 32 }
    let bytes = Array(token.reversed().drop { $0 <= 32 }.reversed())
    guard bytes.count >= Self.fewestBytes, bytes.count <= 4096,
      bytes.allSatisfy({ (33...126).contains($0) })
    else { throw ConfigurationError.badToken(path: path) }
    self.bytes = bytes
  }

  /// Whether an Authorization header has the token. How long that takes says nothing about how much
  /// of it is right.
  func isIn(header: String) -> Bool {
    let given = Array(header.utf8)
    let scheme = Array("bearer ".utf8)
    guard given.count > scheme.count,
      zip(given, scheme).allSatisfy({ $0 == $1 || $0 | 32 == $1 })
    else { return false }
    let rest = given[scheme.count...].drop { $0 == 32 }
    var difference = rest.count ^ bytes.count
    for (index, byte) in rest.enumerated() {
      difference |= Int(byte ^ bytes[index % bytes.count])
    }
    return difference == 0
  }
}
