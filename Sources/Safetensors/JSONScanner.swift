/// A strict reader of the little JSON that headers and indexes are made of.
///
/// It makes one pass over bytes that nobody vouches for: every step is bounds-checked, numbers
/// are checked for overflow, and no call recurses deeper than `depthLimit`. Unlike general JSON
/// readers it lets its caller see each key, so that a key given twice is found.
struct JSONScanner {
  /// The file that errors name.
  let file: String
  private let bytes: [UInt8]
  private(set) var position = 0
  private static let depthLimit = 32

  /// - Throws: `SafetensorsError.notUTF8`. After that check, cutting at ASCII bytes keeps every
  ///   piece valid UTF-8.
  init(_ bytes: [UInt8], file: String) throws(SafetensorsError) {
    guard String(validating: bytes, as: UTF8.self) != nil else { throw .notUTF8(file: file) }
    self.bytes = bytes
    self.file = file
  }

  private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

  private func malformed(_ expected: String, at offset: Int? = nil) -> SafetensorsError {
    .malformed(file: file, offset: offset ?? position, expected: expected)
  }

  private mutating func skipSpace() {
    while let byte = next, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 {
      position += 1
    }
  }

  /// Takes `byte` if it is what comes next after white space.
  private mutating func take(_ byte: Character) -> Bool {
    skipSpace()
    guard next == byte.asciiValue else { return false }
    position += 1
    return true
  }

  private mutating func expect(_ byte: Character) throws(SafetensorsError) {
    guard take(byte) else { throw malformed("'\(byte)'") }
  }

  /// Nothing but white space is left.
  mutating func expectEnd() throws(SafetensorsError) {
    skipSpace()
    guard position == bytes.count else { throw malformed("the end") }
  }

  /// Reads an object; `member` is called after each key and must read the value.
  mutating func object(
    _ member: (inout JSONScanner, String) throws(SafetensorsError) -> Void
  ) throws(SafetensorsError) {
    try expect("{")
    if take("}") { return }
    repeat {
      skipSpace()
      let key = try string()
      try expect(":")
      try member(&self, key)
    } while take(",")
    guard take("}") else { throw malformed("',' or '}'") }
  }

  /// Reads an array; `element` must read one value.
  mutating func array(
    _ element: (inout JSONScanner) throws(SafetensorsError) -> Void
  ) throws(SafetensorsError) {
    try expect("[")
    if take("]") { return }
    repeat { try element(&self) } while take(",")
    guard take("]") else { throw malformed("',' or ']'") }
  }

  /// Reads a whole number from 0 to 2^63 - 1, without sign, fraction, exponent or leading zeros.
  mutating func integer() throws(SafetensorsError) -> Int {
    skipSpace()
    let start = position
    var value = 0
    while let byte = next, (0x30...0x39).contains(byte) {
      let (product, overflow) = value.multipliedReportingOverflow(by: 10)
      let (sum, carry) = product.addingReportingOverflow(Int(byte) - 0x30)
      guard !overflow, !carry else { throw malformed("a number below 2^63", at: start) }
      value = sum
      position += 1
    }
    let digits = position - start
    guard digits > 0, digits == 1 || bytes[start] != 0x30 else {
      throw malformed("a whole number", at: start)
    }
    if let byte = next, byte == 0x2E || byte | 0x20 == 0x65 {
      throw malformed("a whole number", at: start)
    }
    return value
  }

  /// Reads a string and resolves its escapes.
  mutating func string() throws(SafetensorsError) -> String {
    skipSpace()
    let start = position
    guard next == 0x22 else { throw malformed("a string") }
    position += 1
    var text: [UInt8] = []
    while let byte = next {
      position += 1
      switch byte {
      case 0x22: return String(decoding: text, as: UTF8.self)
      case 0x5C: try appendEscape(to: &text)
      case 0..<0x20: throw malformed("no control character in a string", at: position - 1)
      default: text.append(byte)
      }
    }
    throw malformed("the end of the string", at: start)
  }

  private mutating func appendEscape(to text: inout [UInt8]) throws(SafetensorsError) {
    let start = position - 1
    guard let byte = next else { throw malformed("an escape", at: start) }
    position += 1
    switch byte {
    case 0x22, 0x5C, 0x2F: text.append(byte)
    case UInt8(ascii: "b"): text.append(0x08)
    case UInt8(ascii: "f"): text.append(0x0C)
    case UInt8(ascii: "n"): text.append(0x0A)
    case UInt8(ascii: "r"): text.append(0x0D)
    case UInt8(ascii: "t"): text.append(0x09)
    case UInt8(ascii: "u"):
      var code = try codeUnit()
      if code & 0xFC00 == 0xD800, next == 0x5C {
        position += 1
        guard next == UInt8(ascii: "u") else { throw malformed("a low surrogate", at: start) }
        position += 1
        let low = try codeUnit()
        guard low & 0xFC00 == 0xDC00 else { throw malformed("a low surrogate", at: start) }
        code = 0x10000 + (code & 0x3FF) << 10 + low & 0x3FF
      }
      guard let scalar = Unicode.Scalar(code) else {
        throw malformed("a Unicode character", at: start)
      }
      text.append(contentsOf: UTF8.encode(scalar)!)
    default: throw malformed("an escape", at: start)
    }
  }

  private mutating func codeUnit() throws(SafetensorsError) -> UInt32 {
    var code: UInt32 = 0
    for _ in 0..<4 {
      guard let byte = next, let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
        throw malformed("four hexadecimal digits")
      }
      code = code << 4 | UInt32(digit)
      position += 1
    }
    return code
  }

  /// Reads a value of any kind and forgets it.
  mutating func skipValue(depth: Int = 0) throws(SafetensorsError) {
    guard depth < Self.depthLimit else { throw malformed("less deeply nested JSON") }
    skipSpace()
    switch next {
    case UInt8(ascii: "{"):
      try object { scanner, _ throws(SafetensorsError) in
        try scanner.skipValue(depth: depth + 1)
      }
    case UInt8(ascii: "["):
      try array { scanner throws(SafetensorsError) in try scanner.skipValue(depth: depth + 1) }
    case 0x22: _ = try string()
    default: try skipWord()
    }
  }

  /// Numbers, `true`, `false` and `null`. Their spelling is not checked: they are not used.
  private mutating func skipWord() throws(SafetensorsError) {
    let start = position
    while let byte = next, isWord(byte) { position += 1 }
    guard position > start else { throw malformed("a value") }
  }

  private func isWord(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2B, 0x2D, 0x2E: true
    default: false
    }
  }
}
