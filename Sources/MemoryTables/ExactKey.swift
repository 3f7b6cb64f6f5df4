import CKernels
import Digests

/// An entry of an exact table's keys: N-gram -> row.
///
/// Key: each token's id, 4 bytes, big-endian, oldest first. Value: the row, 8 bytes, then the
/// CRC32C of salt, key and row. Big-endian, so that keys sort as their N-grams do.
enum ExactKey {
  static let valueBytes = 12

  /// The tokens' bytes in a key.
  static func bytes(of tokens: some Collection<Int32>) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(4 * tokens.count)
    for token in tokens {
      withUnsafeBytes(of: UInt32(bitPattern: token).bigEndian) { bytes.append(contentsOf: $0) }
    }
    return bytes
  }

  /// The token that stands at a place in a key.
  static func token(_ key: UnsafeRawBufferPointer, _ index: Int) -> UInt32 {
    UInt32(bigEndian: key.loadUnaligned(fromByteOffset: 4 * index, as: UInt32.self))
  }

  /// The value of a key.
  static func value(salt: UInt32, key: UnsafeRawBufferPointer, row: Int64) -> [UInt8] {
    withUnsafeBytes(of: row.littleEndian) { row in
      let checksum = engram_crc32c(
        engram_crc32c(salt, key.baseAddress, key.count), row.baseAddress, row.count)
      return Array(row) + withUnsafeBytes(of: checksum.littleEndian) { Array($0) }
    }
  }

  /// The row of a stored value; `nil` where it does not match its checksum.
  static func row(
    salt: UInt32, key: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer
  ) -> Int64? {
    guard value.count == valueBytes else { return nil }
    let row = Int64(littleEndian: value.loadUnaligned(as: Int64.self))
    return self.value(salt: salt, key: key, row: row).elementsEqual(value) ? row : nil
  }
}

/// The digest of an exact table's N-grams, fed in key order: SHA-256 over, for each, the number of
/// its tokens (4 bytes, little-endian) and its key.
struct KeyDigest: ~Copyable {
  private var hasher = SHA256Hasher()
  private var waiting: [UInt8] = []

  /// Adds a key.
  mutating func update(_ key: UnsafeRawBufferPointer) {
    withUnsafeBytes(of: UInt32(key.count / 4).littleEndian) { waiting.append(contentsOf: $0) }
    waiting.append(contentsOf: key)
    if waiting.count >= 1 << 16 { flush() }
  }

  /// The digest of all that was added.
  mutating func finalize() -> SHA256Digest {
    flush()
    return hasher.finalize()
  }

  private mutating func flush() {
    waiting.withUnsafeBytes { hasher.update($0) }
    waiting.removeAll(keepingCapacity: true)
  }
}
