/// Numbers in as few bytes as they need: 7 bits a byte, the lowest first, the top bit set in all
/// bytes but the last.
enum Varint {
  @inline(__always)
  static func append(_ number: UInt64, to bytes: inout [UInt8]) {
    var rest = number
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(truncatingIfNeeded: rest))
  }
}

/// Reads small numbers from bytes that may be anybody's. After a number that is not there or too
/// long, `isMalformed` is true and all numbers are 0.
struct VarintReader {
  private(set) var isMalformed = false
  private(set) var offset: Int
  let bytes: UnsafeRawBufferPointer

  init(_ bytes: UnsafeRawBufferPointer, at offset: Int = 0) {
    self.bytes = bytes
    self.offset = offset
  }

  @inline(__always)
  mutating func byte() -> UInt8 {
    guard offset < bytes.count else {
      isMalformed = true
      return 0
    }
    defer { offset += 1 }
    return bytes[offset]
  }

  @inline(__always)
  mutating func next() -> UInt64 {
    var number: UInt64 = 0
    var shift: UInt64 = 0
    while shift < 63 {
      let byte = byte()
      number |= UInt64(byte & 0x7F) << shift
      if byte < 0x80 { return isMalformed ? 0 : number }
      shift += 7
    }
    isMalformed = true
    return 0
  }

  /// A run of bytes.
  mutating func take(_ count: UInt64) -> UnsafeRawBufferPointer {
    guard count <= UInt64(bytes.count - offset) else {
      isMalformed = true
      return UnsafeRawBufferPointer(start: nil, count: 0)
    }
    defer { offset += Int(count) }
    return UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + Int(count)])
  }
}
