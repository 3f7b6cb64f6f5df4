import Digests

/// Names of a prompt's whole blocks, each of its whole prefix: half of the SHA-256 of the name before it
/// and the block's tokens. Made without the store, so that what is found there can be compared.
struct PromptKeys {
  /// 128 bits of a digest.
  struct Key: Hashable, Sendable {
    var high: UInt64
    var low: UInt64
  }

  static func keys(of tokens: [Int32], blockTokens: Int) -> [Key] {
    var before = Key(high: 0, low: UInt64(blockTokens))
    return (0..<(tokens.count / blockTokens)).map { block in
      var hasher = SHA256Hasher()
      withUnsafeBytes(of: before) { hasher.update($0) }
      tokens.withUnsafeBytes {
        let start = block * blockTokens * 4
        hasher.update(UnsafeRawBufferPointer(rebasing: $0[start..<(start + blockTokens * 4)]))
      }
      before = hasher.finalize().bytes.withUnsafeBytes {
        Key(
          high: $0.loadUnaligned(as: UInt64.self),
          low: $0.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
      }
      return before
    }
  }
}
