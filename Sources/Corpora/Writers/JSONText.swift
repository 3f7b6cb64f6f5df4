/// JSON strings, with the fewest escapes that RFC 8259 allows: quotes, backslashes and control
/// characters.
enum JSONText {
  /// Appends bytes, which are UTF-8, as a string in quotes.
  ///
  /// - Complexity: one pass, sixteen bytes at a time where nothing is to be escaped.
  static func append(_ text: UnsafeRawBufferPointer, to bytes: inout [UInt8]) {
    bytes.append(UInt8(ascii: "\""))
    var start = 0
    var index = 0
    while index < text.count {
      if index + 16 <= text.count {
        let block = text.loadUnaligned(fromByteOffset: index, as: SIMD16<UInt8>.self)
        let special = block .< 0x20 .| block .== 0x22 .| block .== 0x5C
        if !any(special) {
          index += 16
          continue
        }
      }
      let end = min(index + 16, text.count)
      while index < end {
        let byte = text[index]
        if byte < 0x20 || byte == 0x22 || byte == 0x5C {
          bytes.append(contentsOf: UnsafeRawBufferPointer(rebasing: text[start..<index]))
          appendEscape(byte, to: &bytes)
          start = index + 1
        }
        index += 1
      }
    }
    bytes.append(contentsOf: UnsafeRawBufferPointer(rebasing: text[start...]))
    bytes.append(UInt8(ascii: "\""))
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

  private static func appendEscape(_ byte: UInt8, to bytes: inout [UInt8]) {
    bytes.append(UInt8(ascii: "\\"))
    switch byte {
    case 0x22, 0x5C: bytes.append(byte)
    case 0x08: bytes.append(UInt8(ascii: "b"))
    case 0x09: bytes.append(UInt8(ascii: "t"))
    case 0x0A: bytes.append(UInt8(ascii: "n"))
    case 0x0C: bytes.append(UInt8(ascii: "f"))
    case 0x0D: bytes.append(UInt8(ascii: "r"))
    default:
      let digits = Array("0123456789abcdef".utf8)
      bytes.append(contentsOf: Array("u00".utf8))
      bytes.append(digits[Int(byte >> 4)])
      bytes.append(digits[Int(byte & 15)])
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
