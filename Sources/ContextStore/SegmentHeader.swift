import CKernels

/// The first bytes of a segment's files: which segment it is.
struct SegmentHeader: Hashable, Sendable {
  /// Where frames begin in a data file.
  static let bytes = 4096
  static let version: UInt32 = 1
  private static let size = 64
  private static let magic: UInt64 = 0x3154_5843_4D52_474E  // "NGRMCXT1"

  /// The segment's number, that of its files' names.
  let number: UInt64
  /// Random: what else is in a file of this name belongs to another segment.
  let salt: UInt64
  /// When it was begun, milliseconds since 1970 by the store's clock.
  let created: UInt64
  /// How long its blocks may be served, milliseconds; 0: for ever.
  let lifetime: UInt64

  /// The encoded header, 64 bytes, of the data file.
  var encoded: [UInt8] {
    var bytes: [UInt8] = []
    bytes.append(number: Self.magic)
    bytes.append(number: Self.version)
    bytes.append(number: UInt32(0))
    for value in [number, salt, created, lifetime] { bytes.append(number: value) }
    bytes.append(contentsOf: repeatElement(0, count: Self.size - 4 - bytes.count))
    bytes.append(number: bytes.withUnsafeBytes { engram_crc32c(0, $0.baseAddress!, $0.count) })
    return bytes
  }

  init(number: UInt64, salt: UInt64, created: UInt64, lifetime: UInt64) {
    self.number = number
    self.salt = salt
    self.created = created
    self.lifetime = lifetime
  }

  /// Reads a header; `nil` where these bytes are none of this version, or damaged.
  init?(_ bytes: UnsafeRawBufferPointer) {
    guard bytes.count >= Self.size, let base = bytes.baseAddress,
      bytes.number(at: 0) == Self.magic, bytes.number(at: 8) == Self.version,
      bytes.number(at: Self.size - 4) == engram_crc32c(0, base, Self.size - 4)
    else { return nil }
    number = bytes.number(at: 16)
    salt = bytes.number(at: 24)
    created = bytes.number(at: 32)
    lifetime = bytes.number(at: 40)
  }
}
