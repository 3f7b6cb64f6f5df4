import CKernels
import Digests
import Foundation

/// Which blocks of a prompt are meant.
public enum ContextBlocks: Sendable {
  /// A prompt from its first token on; its whole blocks count, what is left over does not. A block's
  /// key is the SHA-256 of its parent's key and its token ids: it names the whole prefix.
  case tokens([Int32])
  /// Keys that the caller made, 32 bytes each, one a block; each must name its block's whole prefix.
  case keys([UInt8])
}

/// The keys of a prompt's blocks, and what a hit is compared with.
struct BlockKeys: Sendable {
  /// Whole blocks.
  let count: Int
  /// Bytes of a block's identity: its token ids, or the caller's key.
  let identityBytes: Int
  private let root: [UInt8]
  /// All keys, 32 bytes each.
  private(set) var keys: [UInt8]
  private let blocks: ContextBlocks

  /// The keys of the first blocks of a prompt.
  ///
  /// - Parameter limit: blocks that are asked for at most.
  /// - Throws: `ContextError.badToken`, `.badKeys`.
  /// - Complexity: O(tokens): one SHA-256 over all of them.
  init(
    _ blocks: ContextBlocks, of namespace: ContextNamespace, limit: Int = .max
  ) throws(ContextError) {
    self.blocks = blocks
    root = namespace.digest.bytes
    switch blocks {
    case .tokens(let tokens):
      identityBytes = namespace.layout.blockTokens * 4
      count = min(limit, tokens.count / namespace.layout.blockTokens)
      if let bad = tokens.firstIndex(where: { $0 < 0 }) {
        throw .badToken(id: tokens[bad], position: bad)
      }
    case .keys(let keys):
      guard keys.count % 32 == 0 else { throw .badKeys(bytes: keys.count) }
      identityBytes = 32
      count = min(limit, keys.count / 32)
    }
    keys = [UInt8](repeating: 0, count: 32 * count)
    makeKeys()
  }

  private static let hasInstructions = engram_sha256_pair_is_supported() != 0

  /// Keys of tokens by the processor's own instructions. The kernel takes two messages; one message waits
  /// for its own last step, so that the second costs no time.
  private mutating func chainKeys(_ tokens: [Int32]) {
    let bytes = 32 + identityBytes
    withUnsafeTemporaryAllocation(byteCount: bytes + 32, alignment: 16) { message in
      root.withUnsafeBytes { message.copyMemory(from: $0) }
      let base = message.baseAddress!.assumingMemoryBound(to: UInt8.self)
      tokens.withUnsafeBytes { tokens in
        keys.withUnsafeMutableBytes { keys in
          for index in 0..<count {
            let from = tokens.baseAddress! + index * identityBytes
            memcpy(base + 32, from, identityBytes)
            let tail = (from + identityBytes - 8).loadUnaligned(as: UInt64.self)
            let key = (keys.baseAddress! + 32 * index).assumingMemoryBound(to: UInt8.self)
            engram_sha256_pair(base, tail, base, tail, bytes - 8, key, base + bytes)
            memcpy(base, key, 32)
          }
        }
      }
    }
  }

  private mutating func makeKeys() {
    // The kernel's last eight bytes are a number: a block of one token has fewer.
    if case .tokens(let tokens) = blocks, Self.hasInstructions, identityBytes >= 8 {
      return chainKeys(tokens)
    }
    var hasher = SHA256Hasher()
    for index in 0..<count {
      switch blocks {
      case .tokens:
        // The parent's key, the namespace's digest before the first.
        if index == 0 {
          root.withUnsafeBytes { hasher.update($0) }
        } else {
          keys.withUnsafeBytes { hasher.update($0.part((32 * (index - 1))..<(32 * index))) }
        }
      case .keys:
        // One byte more than a parent's key: no chain of tokens makes the same message.
        root.withUnsafeBytes { hasher.update($0) }
        hasher.update("k")
      }
      withIdentity(index) { hasher.update($0) }
      keys.withUnsafeMutableBytes {
        hasher.finalize(into: UnsafeMutableRawBufferPointer(rebasing: $0[(32 * index)...]))
      }
    }
  }

  /// Calls `body` with a block's token ids as bytes, or with the caller's key.
  func withIdentity<Result>(_ index: Int, _ body: (UnsafeRawBufferPointer) -> Result) -> Result {
    let range = (index * identityBytes)..<((index + 1) * identityBytes)
    return switch blocks {
    case .tokens(let tokens): tokens.withUnsafeBytes { body($0.part(range)) }
    case .keys(let keys): keys.withUnsafeBytes { body($0.part(range)) }
    }
  }

  /// A key's first eight bytes.
  func fingerprint(_ index: Int) -> UInt64 {
    keys.withUnsafeBytes { $0.number(at: 32 * index) }
  }

  func key(_ index: Int) -> [UInt8] { Array(keys[(32 * index)..<(32 * index + 32)]) }

  func parent(_ index: Int) -> [UInt8] { index == 0 ? root : key(index - 1) }

  /// Whether a frame is of this block: its whole key, and its own tokens. A key that two prompts
  /// share by chance costs a miss, never a wrong hit.
  @inline(__always)
  func matches(_ index: Int, _ frame: FrameView) -> Bool {
    guard frame.identity.count == identityBytes else { return false }
    let sameKey = keys.withUnsafeBytes {
      equal($0.part((32 * index)..<(32 * index + 32)), frame.key)
    }
    return sameKey && withIdentity(index) { equal($0, frame.identity) }
  }
}
