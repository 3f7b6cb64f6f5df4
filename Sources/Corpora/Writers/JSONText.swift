/// JSON strings, with the fewest escapes that RFC 8259 allows: quotes, backslashes and control
/// characters.
enum JSONText {
  /// Bytes of text that are escaped at once, into a buffer that holds any escapes of them.
  private static let pieceBytes = 4096

  /// Appends bytes, which are UTF-8, as a string in quotes.
  ///
  /// - Complexity: one pass, eight bytes at a time where nothing is to be escaped.
  static func append(_ text: UnsafeRawBufferPointer, to bytes: inout [UInt8]) {
    bytes.append(UInt8(ascii: "\""))
    withUnsafeTemporaryAllocation(byteCount: 6 * pieceBytes, alignment: 8) { buffer in
      var start = 0
      while start < text.count {
        let end = min(text.count, start + pieceBytes)
        let filled = escape(UnsafeRawBufferPointer(rebasing: text[start..<end]), into: buffer)
        bytes.append(contentsOf: UnsafeRawBufferPointer(rebasing: buffer[..<filled]))
        start = end
      }
    }
    bytes.append(UInt8(ascii: "\""))
  }

  /// - Parameter buffer: six times as large as the text.
  /// - Returns: bytes written.
  private static func escape(
    _ text: UnsafeRawBufferPointer, into buffer: UnsafeMutableRawBufferPointer
  ) -> Int {
    guard let source = text.baseAddress, var target = buffer.baseAddress else { return 0 }
    let count = text.count
    var index = 0
    while index < count {
      if count - index >= 8 {
        let word = source.loadUnaligned(fromByteOffset: index, as: UInt64.self)
        if !mayNeedEscape(word) {
          target.storeBytes(of: word, as: UInt64.self)
          target += 8
          index += 8
          continue
        }
      }
      let end = min(index + 8, count)
      while index < end {
        let byte = source.load(fromByteOffset: index, as: UInt8.self)
        if byte < 0x20 || byte == 0x22 || byte == 0x5C {
          escape(byte, to: &target)
        } else {
          target.storeBytes(of: byte, as: UInt8.self)
          target += 1
        }
        index += 1
      }
    }
    return target - buffer.baseAddress!
  }

  /// Whether one of eight bytes is a quote, a backslash or a control character; sometimes true
  /// where none is.
  private static func mayNeedEscape(_ word: UInt64) -> Bool {
    let ones: UInt64 = 0x0101_0101_0101_0101
    let quotes = word ^ (ones &* 0x22)
    let backslashes = word ^ (ones &* 0x5C)
    let found =
      ((word &- ones &* 0x20) & ~word) | ((quotes &- ones) & ~quotes)
      | ((backslashes &- ones) & ~backslashes)
    return found & (ones &* 0x80) != 0
  }

  /// Appends bytes of a collection as a string in quotes.
  static func append(_ text: some Sequence<UInt8>, to bytes: inout [UInt8]) {
    Array(text).withUnsafeBytes { append($0, to: &bytes) }
  }

  /// A string in quotes.
  static func quoted(_ text: some Sequence<UInt8>) -> [UInt8] {
    var bytes: [UInt8] = []
    append(text, to: &bytes)
    return bytes
  }

  private static func escape(_ byte: UInt8, to target: inout UnsafeMutableRawPointer) {
    func put(_ byte: UInt8) {
      target.storeBytes(of: byte, as: UInt8.self)
      target += 1
    }
    put(UInt8(ascii: "\\"))
    switch byte {
    case 0x22, 0x5C: put(byte)
    case 0x08: put(UInt8(ascii: "b"))
    case 0x09: put(UInt8(ascii: "t"))
    case 0x0A: put(UInt8(ascii: "n"))
    case 0x0C: put(UInt8(ascii: "f"))
    case 0x0D: put(UInt8(ascii: "r"))
    default:
      put(UInt8(ascii: "u"))
      put(UInt8(ascii: "0"))
      put(UInt8(ascii: "0"))
      put(0x30 + byte >> 4)
      put(byte & 15 + (byte & 15 < 10 ? 0x30 : 0x57))
    }
  }

  /// Whether bytes are a number as JSON writes one.
  static func isNumber(_ text: some Collection<UInt8>) -> Bool {
    var rest = text[...]
    func take(_ bytes: String) -> Bool {
      guard let first = rest.first, bytes.utf8.contains(first) else { return false }
      rest = rest.dropFirst()
      return true
    }
    func takeDigits() -> Bool {
      var isSome = false
      while take("0123456789") { isSome = true }
      return isSome
    }
    _ = take("-")
    if !take("0") {
      guard take("123456789") else { return false }
      _ = takeDigits()
    }
    if take(".") && !takeDigits() { return false }
    if take("eE") {
      _ = take("+-")
      if !takeDigits() { return false }
    }
    return rest.isEmpty
  }
}
