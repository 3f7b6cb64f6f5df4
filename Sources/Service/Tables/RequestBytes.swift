import Hummingbird
import NIOCore

/// Takes a request's body, no more of it than it may have.
public struct RequestBytes: Sendable {
  let limits: ServiceLimits

  /// The body in one buffer, aligned to numbers of 8 bytes.
  ///
  /// - Throws: `ServiceError.bodyTooLarge`, `.badParameter`, `.busy`.
  func collect(_ request: Request, _ context: ServiceContext) async throws -> ByteBuffer {
    let announced = try Self.announcedBytes(request)
    if let announced {
      guard announced <= limits.bodyBytes else {
        throw ServiceError.bodyTooLarge(limit: limits.bodyBytes)
      }
      try context.admission?.take(announced)
    }
    var body = context.channel.allocator.buffer(capacity: max(announced ?? 0, 8))
    for try await part in request.body {
      guard body.readableBytes + part.readableBytes <= limits.bodyBytes else {
        throw ServiceError.bodyTooLarge(limit: limits.bodyBytes)
      }
      if announced == nil { try context.admission?.take(part.readableBytes) }
      body.writeImmutableBuffer(part)
    }
    return body
  }

  private static func announcedBytes(_ request: Request) throws(ServiceError) -> Int? {
    guard let text = request.headers[.contentLength] else {
      // Chunked, or nothing at all.
      return nil
    }
    guard let count = Int(text), count >= 0 else {
      throw .badParameter(name: "Content-Length", found: text, expected: "a number of bytes")
    }
    return count
  }
}
