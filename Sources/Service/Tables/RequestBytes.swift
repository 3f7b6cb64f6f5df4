import Hummingbird
import NIOCore

/// Takes a request's body, no more of it than it may have, and then a place for it.
public struct RequestBytes: Sendable {
  let limits: ServiceLimits
  /// Bytes that are kept room for before any came.
  private static let trustedBytes = 256 << 10

  /// The body in one buffer, aligned to numbers of 8 bytes.
  ///
  /// - Throws: `ServiceError.bodyTooLarge`, `.badParameter`, `.busy`.
  func collect(_ request: Request, _ context: ServiceContext) async throws -> ByteBuffer {
    let announced = try Self.announcedBytes(request) ?? 0
    guard announced <= limits.bodyBytes else {
      throw ServiceError.bodyTooLarge(limit: limits.bodyBytes)
    }
    // What is announced costs nothing: it is counted, and kept room for, when it comes.
    var body = context.channel.allocator.buffer(
      capacity: max(8, min(announced, Self.trustedBytes)))
    for try await part in request.body {
      guard body.readableBytes + part.readableBytes <= limits.bodyBytes else {
        throw ServiceError.bodyTooLarge(limit: limits.bodyBytes)
      }
      try context.admission?.take(part.readableBytes)
      if body.writableBytes < part.readableBytes { body.reserveCapacity(announced) }
      body.writeImmutableBuffer(part)
    }
    try context.admission?.enter()
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
