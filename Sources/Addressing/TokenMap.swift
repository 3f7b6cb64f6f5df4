import Digests
import Files
import Tokenization

/// Token id -> compressed token id: tokens whose text differs only in case, accents, width or
/// white space share a compressed id (Engram, arXiv 2601.07372, tokenizer compression).
public struct TokenMap: Sendable, Equatable {
  /// The compressed id of each token id.
  private let compressed: [Int32]

  /// How many compressed ids there are; they are 0..<compressedSize.
  public let compressedSize: Int

  /// SHA-256 over the compressed ids in order of token id, int32 little-endian.
  public let identity: SHA256Digest

  /// Token ids are 0..<vocabularySize.
  public var vocabularySize: Int { compressed.count }

  /// A map that is given; see `init(readingFrom:)` for what is checked.
  public init(_ compressed: [Int32]) throws(TokenMapError) {
    var next: Int32 = 0
    for (token, id) in compressed.enumerated() {
      guard id >= 0, id <= next else {
        throw .outOfOrder(token: token, found: id, limit: next)
      }
      if id == next { next += 1 }
    }
    self.compressed = compressed
    compressedSize = Int(next)
    identity = Self.littleEndian(compressed).withUnsafeBytes { SHA256Digest(of: $0) }
  }

  /// The map of a tokenizer: new ids in order of first appearance of each token's key.
  ///
  /// The key of a token is its text, normalised; where the token is not whole characters, it is
  /// its raw vocabulary string. Ids below the vocabulary's size that name no token have the
  /// empty text.
  ///
  /// - Complexity: one pass over the vocabulary.
  public init(tokenizer: Tokenizer) throws(TokenMapError) {
    var ids: [[UInt8]: Int32] = [:]
    var compressed: [Int32] = []
    ids.reserveCapacity(tokenizer.vocabularySize)
    compressed.reserveCapacity(tokenizer.vocabularySize)
    for token in 0..<Int32(tokenizer.vocabularySize) {
      let key = Self.key(of: token, tokenizer)
      let next = Int32(ids.count)
      if let id = ids[key] {
        compressed.append(id)
      } else {
        ids[key] = next
        compressed.append(next)
      }
    }
    try self.init(compressed)
  }

  /// Reads a map as `write(to:)` writes it.
  ///
  /// - Throws: `TokenMapError` where the file cannot be read, is not whole 32-bit numbers, or
  ///   where a compressed id is negative or appears before a smaller one has.
  public init(readingFrom path: String) throws(TokenMapError) {
    let file: MappedFile
    do { file = try MappedFile(path: path, access: .sequential) } catch { throw .file(error) }
    defer { withExtendedLifetime(file) {} }
    guard file.count % 4 == 0, file.count / 4 <= 1 << 24 else {
      throw .badSize(path: path, bytes: file.count)
    }
    let bytes = file.bytes
    try self.init(
      (0..<file.count / 4).map {
        Int32(littleEndian: bytes.loadUnaligned(fromByteOffset: $0 * 4, as: Int32.self))
      })
  }

  /// Writes the compressed ids in order of token id, int32 little-endian, durably.
  public func write(to path: String) throws(TokenMapError) {
    let bytes = Self.littleEndian(compressed)
    do throws(FileError) {
      try bytes.withUnsafeBufferPointer { buffer throws(FileError) in
        try DurableFile.write(UnsafeRawBufferPointer(buffer), to: path)
      }
    } catch { throw .file(error) }
  }

  /// The compressed id of a token id, `nil` for one that is out of range.
  public subscript(token: Int32) -> Int32? {
    token >= 0 && token < Int32(compressed.count) ? compressed[Int(token)] : nil
  }

  /// The compressed ids of token ids.
  ///
  /// - Throws: `TokenMapError.tokenOutOfRange` for the first that is out of range.
  public func map(_ tokens: some Collection<Int32>) throws(TokenMapError) -> [Int32] {
    var result: [Int32] = []
    result.reserveCapacity(tokens.count)
    for token in tokens {
      guard let id = self[token] else {
        throw .tokenOutOfRange(token: token, vocabularySize: vocabularySize)
      }
      result.append(id)
    }
    return result
  }

  /// Calls `body` with the compressed id of every token id, in order.
  public func withUnsafeCompressedIDs<R>(
    _ body: (UnsafeBufferPointer<Int32>) throws -> R
  ) rethrows -> R {
    try compressed.withUnsafeBufferPointer(body)
  }

  private static func littleEndian(_ ids: [Int32]) -> [Int32] { ids.map(\.littleEndian) }
}

/// What can go wrong with a token map; each case prints one line.
public enum TokenMapError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The file cannot be read or written.
  case file(FileError)
  /// The file is not a whole number of 32-bit ids, or has more than 2^24 of them.
  case badSize(path: String, bytes: Int)
  /// A compressed id is negative, or larger than the next new id.
  case outOfOrder(token: Int, found: Int32, limit: Int32)
  /// A token id that the map does not have.
  case tokenOutOfRange(token: Int32, vocabularySize: Int)

  /// One line: what, where, what to do.
  public var description: String {
    switch self {
    case .file(let error):
      error.description
    case .badSize(let path, let bytes):
      "\(path) is no token map: it has \(bytes) bytes, and not 4 for each of at most 2^24 ids"
    case .outOfOrder(let token, let found, let limit):
      "the token map gives token \(token) the compressed id \(found), which must be in "
        + "0...\(limit); build the map from the tokenizer again"
    case .tokenOutOfRange(let token, let size):
      "token id \(token) is not in the map's 0..<\(size); use the map of the model's tokenizer"
    }
  }
}
