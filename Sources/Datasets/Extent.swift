import ChunkStore
import Digests

/// Neighbouring samples of a chunk: what a manifest lists. A version that differs from its parent
/// in a few samples lists the parent's chunks in parts, and between them what is new.
public struct Extent: Hashable, Sendable {
  /// The chunk.
  public var chunk: SealedChunk
  /// The first sample, by its number in the chunk.
  public var first: Int
  /// How many samples.
  public var count: Int
  /// Their bytes.
  public var rawBytes: Int

  /// Samples `first`..<`first + count` of a chunk.
  public init(chunk: SealedChunk, first: Int, count: Int, rawBytes: Int) {
    self.chunk = chunk
    self.first = first
    self.count = count
    self.rawBytes = rawBytes
  }

  /// The samples' numbers in the chunk.
  public var indices: Range<Int> { first..<first + count }

  /// Whether `next` goes on where this one ends.
  func isFollowed(by next: Extent) -> Bool {
    first + count == next.first && chunk == next.chunk
  }
}

/// The first 16 bytes of a chunk's name: enough to tell chunks of a store apart, without an
/// allocation a name.
struct ChunkKey: Hashable, Sendable {
  private let high: UInt64
  private let low: UInt64

  init(_ name: SHA256Digest) {
    (high, low) = name.bytes.withUnsafeBytes {
      ($0.loadUnaligned(as: UInt64.self), $0.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
    }
  }
}
