import Digests

/// The first 128 bits of a document's SHA-256: what exact duplicates are told by.
public struct ContentKey: Hashable, Sendable {
  let high: UInt64
  let low: UInt64

  /// The key of the bytes of `content`.
  public init(of content: UnsafeRawBufferPointer) {
    self.init(SHA256Digest(of: content))
  }

  init(high: UInt64, low: UInt64) {
    self.high = high
    self.low = low
  }

  /// The key of bytes whose digest is known.
  public init(_ digest: SHA256Digest) {
    high = digest.bytes[0..<8].reduce(0) { $0 << 8 | UInt64($1) }
    low = digest.bytes[8..<16].reduce(0) { $0 << 8 | UInt64($1) }
  }
}
