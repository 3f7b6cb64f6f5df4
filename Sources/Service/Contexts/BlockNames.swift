import ContextStore
import Foundation
import Hummingbird
import NIOCore
import Serving

/// Which blocks a request means: all of its body, in bytes or in JSON.
enum BlockNames: Sendable {
  /// Tokens, i32 little-endian; or keys of 32 bytes.
  case bytes(ByteBuffer, areKeys: Bool)
  /// `{"tokens":[..]}` or `{"keys":["<64 hex digits>",..]}`, not read yet.
  case json(Data)

  /// Takes a request's body.
  ///
  /// - Throws: `ServiceError`.
  init(
    _ request: Request, _ context: ServiceContext, _ query: ContextQuery, limits: ServiceLimits
  ) async throws {
    let areKeys = try query.areKeys
    let type = request.headers[.contentType] ?? ""
    if JSONRequests.isJSON(type) {
      guard !areKeys else {
        throw ServiceError.badParameter(
          name: "keys", found: "1", expected: "the member \"keys\" of the JSON instead")
      }
      self = .json(try await JSONRequests(limits: limits).collect(request, context))
      return
    }
    guard type.prefix(24).lowercased() == "application/octet-stream" else {
      throw ServiceError.wrongType(
        found: type, expected: "application/octet-stream or application/json")
    }
    let body = try await RequestBytes(limits: limits).collect(request, context)
    let size = areKeys ? 32 : 4
    guard body.readableBytes.isMultiple(of: size) else {
      throw ServiceError.badBody(
        bytes: body.readableBytes,
        expected: "a multiple of \(size): \(size) bytes a \(areKeys ? "key" : "token")")
    }
    // They are copied to where the store takes them from.
    try context.admission?.take(body.readableBytes)
    self = .bytes(body, areKeys: areKeys)
  }

  /// The blocks. Reads JSON, which takes time.
  ///
  /// - Throws: `RequestError`.
  func blocks() throws -> ContextBlocks {
    switch self {
    case .bytes(let body, let areKeys):
      return areKeys
        ? .keys(Array(body.readableBytesView)) : .tokens(Self.tokens(body.readableBytesView))
    case .json(let data): return try JSONBody.decode(Body.self, from: data).blocks
    }
  }

  /// Tokens as they came.
  static func tokens(_ bytes: ByteBufferView) -> [Int32] {
    [Int32](unsafeUninitializedCapacity: bytes.count / 4) { out, count in
      // The native order of bytes is that of the wire: little-endian, checked in `RowBatch`.
      UnsafeMutableRawBufferPointer(out).copyBytes(from: bytes)
      count = bytes.count / 4
    }
  }

  private struct Body: Decodable {
    let blocks: ContextBlocks

    enum Keys: String, CodingKey, CaseIterable { case tokens, keys }

    init(from decoder: any Decoder) throws {
      let members = try StrictMembers(decoder, Keys.self)
      let given = try decoder.container(keyedBy: Keys.self).allKeys
      guard given.count == 1 else {
        throw RequestError.malformed(reason: "give \"tokens\" or \"keys\", one of them")
      }
      switch given[0] {
      case .tokens:
        blocks = .tokens(
          try members.required(.tokens, [Int].self).map { token in
            guard let token = Int32(exactly: token), token >= 0 else {
              throw RequestError.badValue(
                name: "a token", found: "\(token)", expected: "0 to \(Int32.max)")
            }
            return token
          })
      case .keys:
        blocks = .keys(try members.required(.keys, [String].self).flatMap(Self.bytes))
      }
    }

    /// The 32 bytes of a key.
    private static func bytes(_ key: String) throws -> [UInt8] {
      let digits = key.utf8.compactMap { Character(UnicodeScalar($0)).hexDigitValue }
      guard digits.count == 64, key.utf8.count == 64 else {
        throw RequestError.badValue(
          name: "a key", found: "\"\(key.prefix(80))\"", expected: "64 hexadecimal digits")
      }
      return stride(from: 0, to: 64, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
    }
  }
}

extension ContextBlocks {
  /// Whether none are named: no token and no key.
  var nameNothing: Bool {
    switch self {
    case .tokens(let tokens): tokens.isEmpty
    case .keys(let keys): keys.isEmpty
    }
  }

  /// How many whole blocks they are.
  func count(blockTokens: Int) -> Int {
    switch self {
    case .tokens(let tokens): tokens.count / blockTokens
    case .keys(let keys): keys.count / 32
    }
  }
}
