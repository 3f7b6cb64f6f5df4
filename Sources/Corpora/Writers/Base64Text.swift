/// Base64 (RFC 4648, section 4), with padding.
enum Base64Text {
  private static let alphabet = Array(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

  /// Appends the text of `data`.
  static func append(_ data: UnsafeRawBufferPointer, to bytes: inout [UInt8]) {
    bytes.reserveCapacity(bytes.count + (data.count + 2) / 3 * 4)
    alphabet.withUnsafeBufferPointer { alphabet in
      var index = 0
      while index < data.count {
        let left = data.count - index
        let group =
          UInt32(data[index]) << 16 | (left > 1 ? UInt32(data[index + 1]) << 8 : 0)
          | (left > 2 ? UInt32(data[index + 2]) : 0)
        bytes.append(alphabet[Int(group >> 18)])
        bytes.append(alphabet[Int(group >> 12 & 63)])
        bytes.append(left > 1 ? alphabet[Int(group >> 6 & 63)] : UInt8(ascii: "="))
        bytes.append(left > 2 ? alphabet[Int(group & 63)] : UInt8(ascii: "="))
        index += 3
      }
    }
  }
}
