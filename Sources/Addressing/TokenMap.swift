import Digests
import Files

/// Token id -> compressed token id: tokens that differ only in case, accents or spacing share one.
public struct TokenMap: Sendable, Equatable {
  private let compressed: [Int32]

  /// The number of token ids.
  public let vocabularySize: Int
  /// The number of compressed ids: they are 0..<compressedSize.
  public let compressedSize: Int
  /// SHA-256 of the map as little-endian int32.
  public let identity: SHA256Digest

  /// Reads a raw map: one little-endian int32 for each token id.
  ///
  /// - Throws: `FileError`, or `AddressingError.invalidTokenMap` where ids are negative or the
  ///   new ids do not appear in ascending order.
  public init(readingFrom path: String) throws {
    let file = try MappedFile(path: path, access: .sequential)
    guard file.count > 0, file.count % 4 == 0, file.count / 4 <= Int(Int32.max) else {
      throw AddressingError.invalidTokenMap(path: path, problem: "has \(file.count) bytes")
    }
    var next: Int32 = 0
    var compressed: [Int32] = []
    compressed.reserveCapacity(file.count / 4)
    for token in 0..<file.count / 4 {
      let id = Int32(
        littleEndian: file.bytes.loadUnaligned(fromByteOffset: 4 * token, as: Int32.self))
      guard id >= 0, id <= next else {
        throw AddressingError.invalidTokenMap(
          path: path, problem: "maps token \(token) to \(id), after at most \(next - 1)")
      }
      if id == next { next += 1 }
      compressed.append(id)
    }
    self.compressed = compressed
    vocabularySize = compressed.count
    compressedSize = Int(next)
    identity = SHA256Digest(of: file.bytes)
  }

  /// The compressed id of `token`, which must be in 0..<vocabularySize.
  public subscript(token: Int32) -> Int32 { compressed[Int(token)] }
}
