import CKernels

/// How a block lies in a published version's database: its key is the order and its first N-gram,
/// its value the block's payload and a CRC32C over salt, key and payload.
enum CountPage {
  /// A byte of order, then each token in 4 bytes, big-endian: keys are in the order of N-grams.
  static func key(order: Int, tokens: some Collection<Int32>) -> [UInt8] {
    var key = [UInt8(order)]
    for token in tokens {
      for shift in [24, 16, 8, 0] {
        key.append(UInt8(truncatingIfNeeded: UInt32(bitPattern: token) >> UInt32(shift)))
      }
    }
    return key
  }

  static func checksum(
    salt: UInt32, key: UnsafeRawBufferPointer, payload: UnsafeRawBufferPointer
  ) -> UInt32 {
    engram_crc32c(
      engram_crc32c(salt, key.baseAddress, key.count), payload.baseAddress, payload.count)
  }

  /// The N-gram of a key, for messages.
  static func text(ofKey key: UnsafeRawBufferPointer) -> String {
    stride(from: 1, to: key.count - 3, by: 4).map { start in
      String((0..<4).reduce(UInt32(0)) { $0 << 8 | UInt32(key[start + $1]) })
    }.joined(separator: ",")
  }

  /// The payload of a page whose checksum matches.
  ///
  /// - Throws: `CountError.corruptPage`.
  static func payload(
    key: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer, salt: UInt32, path: String
  ) throws(CountError) -> UnsafeRawBufferPointer {
    guard value.count >= 4 else {
      throw .corruptPage(path: path, ngram: text(ofKey: key), expected: 0, found: 0)
    }
    let payload = UnsafeRawBufferPointer(rebasing: value[..<(value.count - 4)])
    let sum = checksum(salt: salt, key: key, payload: payload)
    let found = value.number(value.count - 4, as: UInt32.self)
    guard sum == found else {
      throw .corruptPage(path: path, ngram: text(ofKey: key), expected: sum, found: found)
    }
    return payload
  }
}
