import CKernels
import Files

/// Blocks that are kept from eviction, by the first eight bytes of their keys, until some time.
struct PinTable: Sendable {
  private static let magic: UInt64 = 0x3153_4E50_4D52_474E  // "NGRMPNS1"
  private(set) var expiries: [UInt64: UInt64] = [:]

  var isEmpty: Bool { expiries.isEmpty }
  var count: Int { expiries.count }

  func isPinned(_ fingerprint: UInt64, now: UInt64) -> Bool {
    guard !expiries.isEmpty, let expiry = expiries[fingerprint] else { return false }
    return expiry > now
  }

  mutating func pin(_ fingerprint: UInt64, until expiry: UInt64, now: UInt64) {
    expiries[fingerprint] = expiry > now ? expiry : nil
  }

  mutating func remove(_ fingerprint: UInt64) { expiries[fingerprint] = nil }

  mutating func dropExpired(now: UInt64) {
    if expiries.values.contains(where: { $0 <= now }) {
      expiries = expiries.filter { $0.value > now }
    }
  }

  /// The bytes of the file `pins`.
  var encoded: [UInt8] {
    var bytes: [UInt8] = []
    bytes.append(number: Self.magic)
    bytes.append(number: UInt64(expiries.count))
    for (fingerprint, expiry) in expiries.sorted(by: { $0.key < $1.key }) {
      bytes.append(number: fingerprint)
      bytes.append(number: expiry)
    }
    bytes.append(number: bytes.withUnsafeBytes { engram_crc32c(0, $0.baseAddress, $0.count) })
    return bytes
  }

  init() {}

  /// Reads them; `nil` where the bytes are damaged.
  init?(_ bytes: [UInt8]) {
    let expiries: [UInt64: UInt64]? = bytes.withUnsafeBytes { bytes in
      guard bytes.count >= 20, bytes.number(at: 0) == Self.magic,
        bytes.number(at: bytes.count - 4)
          == engram_crc32c(0, bytes.baseAddress, bytes.count - 4),
        bytes.number(at: 8) == UInt64((bytes.count - 20) / 16)
      else { return nil }
      var expiries: [UInt64: UInt64] = [:]
      for at in stride(from: 16, to: bytes.count - 4, by: 16) {
        expiries[bytes.number(at: at)] = bytes.number(at: at + 8)
      }
      return expiries
    }
    guard let expiries else { return nil }
    self.expiries = expiries
  }
}
