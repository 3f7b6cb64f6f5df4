import Foundation
import Hummingbird
import NIOCore
import Serving

/// Takes requests whose body is JSON.
struct JSONRequests: Sendable {
  /// The most bytes of a body: far more than any question needs.
  static let bodyBytes = 1 << 20
  /// Bytes that a parsed body may take for each of its own.
  private static let parsedBytes = 24

  let limits: ServiceLimits

  init(limits: ServiceLimits) {
    var limits = limits
    limits.bodyBytes = min(limits.bodyBytes, Self.bodyBytes)
    self.limits = limits
  }

  /// A body, not read yet: parsing it is work for the pool.
  ///
  /// - Throws: `ServiceError.wrongType`, `.bodyTooLarge`, `.busy`.
  func collect(_ request: Request, _ context: ServiceContext) async throws -> Data {
    let type = request.headers[.contentType] ?? ""
    guard Self.isJSON(type) else {
      throw ServiceError.wrongType(found: type, expected: "application/json")
    }
    let body = try await RequestBytes(limits: limits).collect(request, context)
    try context.admission?.take(Self.parsedBytes * body.readableBytes)
    return Data(body.readableBytesView)
  }

  /// Whether a Content-Type is that of JSON.
  static func isJSON(_ type: String) -> Bool {
    let name = type.prefix { $0 != ";" }.lowercased()
    return name.filter { $0 != " " && $0 != "\t" } == "application/json"
  }

  /// Whether an Accept header asks for `type` before anything else that is served here.
  static func accepts(_ type: String, in header: String?) -> Bool {
    guard let header else { return false }
    for part in header.split(separator: ",") {
      let name = part.prefix { $0 != ";" }.lowercased().filter { $0 != " " && $0 != "\t" }
      if name == type { return true }
      if name == "application/json" || name == "*/*" { return false }
    }
    return false
  }
}

extension Response {
  /// An answer in JSON.
  static func json(_ value: some Encodable, headers: HTTPFields = [:]) throws -> Response {
    json(bytes: ByteBuffer(bytes: try JSONBody.encode(value)), headers: headers)
  }

  /// An answer in JSON that is written already.
  static func json(bytes: ByteBuffer, headers: HTTPFields = [:]) -> Response {
    var headers = headers
    headers[.contentType] = "application/json"
    return Response(status: .ok, headers: headers, body: .init(byteBuffer: bytes))
  }
}
