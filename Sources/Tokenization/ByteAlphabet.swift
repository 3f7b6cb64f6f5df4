/// The byte-level alphabet of GPT-2: each of the 256 bytes as one printable character, so that a
/// vocabulary can be written as text. Bytes that are printable in Latin-1 stand for themselves,
/// the others are U+0100, U+0101, ... in order.
enum ByteAlphabet {
  /// The scalar of each byte.
  static let scalars: [UInt32] = {
    var scalars = [UInt32](repeating: 0, count: 256)
    var next: UInt32 = 0x100
    for byte in UInt32(0)...255 {
      switch byte {
      case 0x21...0x7E, 0xA1...0xAC, 0xAE...0xFF:
        scalars[Int(byte)] = byte
      default:
        scalars[Int(byte)] = next
        next += 1
      }
    }
    return scalars
  }()

  /// The byte of each scalar below U+0144; -1 where there is none.
  private static let bytes: [Int16] = {
    var bytes = [Int16](repeating: -1, count: 0x144)
    for (byte, scalar) in scalars.enumerated() { bytes[Int(scalar)] = Int16(byte) }
    return bytes
  }()

  /// Appends the bytes that a token stands for: its characters' bytes where all of them are in
  /// the alphabet, else the token's own UTF-8 (as added tokens are written).
  static func appendBytes(of token: UnsafeBufferPointer<UInt8>, to output: inout [UInt8]) {
    guard let base = token.baseAddress else { return }
    let start = output.count
    var index = 0
    while index < token.count {
      let (value, length) = UTF8Text.scalar(base, index)
      guard value < 0x144, bytes[Int(value)] >= 0 else {
        output.removeSubrange(start...)
        output.append(contentsOf: token)
        return
      }
      output.append(UInt8(bytes[Int(value)]))
      index += length
    }
  }
}
