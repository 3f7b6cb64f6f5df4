/// Reads a document's bytes into nodes, in one pass and with every access checked.
///
/// A string's escapes are resolved in place: what they stand for is never longer than they are, so
/// that only bytes that were already read are written over.
struct JSONReader {
  private(set) var bytes: [UInt8]
  private(set) var nodes: [Node] = []
  private var position = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  mutating func readDocument() throws(StrictJSONError) {
    // Nodes count and find bytes with 32 bits.
    guard bytes.count < UInt32.max else {
      throw .malformed(offset: Int(UInt32.max), expected: "the end: 4 GiB is the limit")
    }
    do { _ = try UTF8Span(validating: bytes.span) } catch {
      throw .notUTF8(offset: error.byteOffsets.lowerBound)
    }
    try readValue(depth: 1)
    skipSpace()
    guard position == bytes.count else { throw expected("the end") }
  }

  private func expected(_ what: String, at offset: Int? = nil) -> StrictJSONError {
    .malformed(offset: offset ?? position, expected: what)
  }

  private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

  private mutating func skipSpace() {
    while let byte = next, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 {
      position += 1
    }
  }

  /// Takes `byte` if it comes next.
  private mutating func take(_ byte: Unicode.Scalar) -> Bool {
    guard next == UInt8(ascii: byte) else { return false }
    position += 1
    return true
  }

  private mutating func append(_ content: Node.Content, at offset: Int) {
    nodes.append(Node(content: content, offset: UInt32(offset)))
  }

  /// - Parameter depth: of the value, 1 for the root.
  private mutating func readValue(depth: Int) throws(StrictJSONError) {
    skipSpace()
    guard let next else { throw expected("a value") }
    switch next {
    case UInt8(ascii: "{"): try readObject(depth: depth)
    case UInt8(ascii: "["): try readArray(depth: depth)
    case UInt8(ascii: "\""): try readString()
    case UInt8(ascii: "t"): try readWord("true", .bool(true))
    case UInt8(ascii: "f"): try readWord("false", .bool(false))
    case UInt8(ascii: "n"): try readWord("null", .null)
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): try readNumber()
    default: throw expected("a value")
    }
  }

  private mutating func readWord(
    _ word: String, _ content: Node.Content
  ) throws(StrictJSONError) {
    let start = position
    for byte in word.utf8 {
      guard next == byte else { throw expected("a value", at: start) }
      position += 1
    }
    append(content, at: start)
  }

  private mutating func readObject(depth: Int) throws(StrictJSONError) {
    let opening = try openContainer(depth: depth)
    var count: UInt32 = 0
    skipSpace()
    if !take("}") {
      repeat {
        skipSpace()
        guard next == UInt8(ascii: "\"") else { throw expected("a string as a member's name") }
        try readString()
        skipSpace()
        guard take(":") else { throw expected("':'") }
        try readValue(depth: depth + 1)
        count += 1
        skipSpace()
      } while take(",")
      guard take("}") else { throw expected("',' or '}'") }
    }
    nodes[opening] = Node(
      content: .object(count: count, end: UInt32(nodes.count)), offset: nodes[opening].offset)
  }

  private mutating func readArray(depth: Int) throws(StrictJSONError) {
    let opening = try openContainer(depth: depth)
    var count: UInt32 = 0
    skipSpace()
    if !take("]") {
      repeat {
        try readValue(depth: depth + 1)
        count += 1
        skipSpace()
      } while take(",")
      guard take("]") else { throw expected("',' or ']'") }
    }
    nodes[opening] = Node(
      content: .array(count: count, end: UInt32(nodes.count)), offset: nodes[opening].offset)
  }

  /// Takes the bracket and keeps a node free for what it opens.
  private mutating func openContainer(depth: Int) throws(StrictJSONError) -> Int {
    guard depth <= JSONDocument.depthLimit else {
      throw expected("at most \(JSONDocument.depthLimit) arrays and objects inside one another")
    }
    append(.null, at: position)
    position += 1
    return nodes.count - 1
  }

  private mutating func readString() throws(StrictJSONError) {
    let opening = position
    position = plainEnd(from: opening + 1)
    var end = position
    while let byte = next {
      switch byte {
      case UInt8(ascii: "\""):
        position += 1
        let start = UInt32(opening + 1)
        append(.string(start: start, count: UInt32(end) - start), at: opening)
        return
      case UInt8(ascii: "\\"):
        for byte in UTF8.encode(try readEscape())! {
          bytes[end] = byte
          end += 1
        }
      case 0..<0x20: throw expected("no control character in a string")
      default:
        let run = position..<plainEnd(from: position)
        move(run, to: end)
        end += run.count
        position = run.upperBound
      }
    }
    throw expected("an end to the string", at: opening)
  }

  /// The first byte from `start` on that ends a string, begins an escape or is not allowed.
  private func plainEnd(from start: Int) -> Int {
    let span = bytes.span
    let words = unsafe span.bytes
    var index = start
    // Eight bytes at a time: the load checks that they are there.
    while index + 8 <= span.count {
      let word = unsafe words.unsafeLoadUnaligned(fromByteOffset: index, as: UInt64.self)
      let marks = Self.marks(UInt64(littleEndian: word))
      if marks != 0 { return index + marks.trailingZeroBitCount / 8 }
      index += 8
    }
    while index < span.count, span[index] >= 0x20, span[index] != UInt8(ascii: "\""),
      span[index] != UInt8(ascii: "\\")
    {
      index += 1
    }
    return index
  }

  /// Marks bytes that are control characters, quotes or backslashes by their highest bits. The
  /// lowest mark is right; above it, borrows may have made others.
  private static func marks(_ word: UInt64) -> UInt64 {
    let ones: UInt64 = 0x0101_0101_0101_0101
    let quotes = word ^ (ones &* 0x22)
    let backslashes = word ^ (ones &* 0x5C)
    let found =
      ((word &- ones &* 0x20) & ~word) | ((quotes &- ones) & ~quotes)
      | ((backslashes &- ones) & ~backslashes)
    return found & (ones &* 0x80)
  }

  /// Moves bytes to the left, over what was read already.
  private mutating func move(_ run: Range<Int>, to target: Int) {
    unsafe bytes.withUnsafeMutableBytes { buffer in
      let from = unsafe UnsafeRawBufferPointer(rebasing: buffer[run])
      let room = unsafe UnsafeMutableRawBufferPointer(
        rebasing: buffer[target..<target + run.count])
      unsafe room.copyMemory(from: from)
    }
  }

  private mutating func readEscape() throws(StrictJSONError) -> Unicode.Scalar {
    let start = position
    position += 1
    guard let byte = next else { throw expected("an escape", at: start) }
    position += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(byte)
    case UInt8(ascii: "b"): return "\u{8}"
    case UInt8(ascii: "f"): return "\u{C}"
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "u"):
      var code = try readCodeUnit()
      if code & 0xFC00 == 0xD800 {
        guard take("\\"), take("u") else { throw expected("a surrogate pair", at: start) }
        let low = try readCodeUnit()
        guard low & 0xFC00 == 0xDC00 else { throw expected("a surrogate pair", at: start) }
        code = 0x10000 + (code & 0x3FF) << 10 + low & 0x3FF
      }
      guard let scalar = Unicode.Scalar(code) else {
        throw expected("a surrogate pair", at: start)
      }
      return scalar
    default: throw expected("an escape", at: start)
    }
  }

  private mutating func readCodeUnit() throws(StrictJSONError) -> UInt32 {
    var code: UInt32 = 0
    for _ in 0..<4 {
      guard let byte = next, let digit = Self.hexadecimal(byte) else {
        throw expected("four hexadecimal digits")
      }
      code = code << 4 | digit
      position += 1
    }
    return code
  }

  private static func hexadecimal(_ byte: UInt8) -> UInt32? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(byte - UInt8(ascii: "0"))
    case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt32(byte - UInt8(ascii: "a") + 10)
    case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt32(byte - UInt8(ascii: "A") + 10)
    default: nil
    }
  }
}

// Numbers.
extension JSONReader {
  /// A whole number that fits 64 bits is an integer; any other, and -0, is a floating-point number.
  private mutating func readNumber() throws(StrictJSONError) {
    let start = position
    let isNegative = take("-")
    let digits = position
    try skipDigits()
    guard bytes[digits] != UInt8(ascii: "0") || position == digits + 1 else {
      throw expected("a number without a leading zero", at: start)
    }
    var isWhole = true
    if take(".") {
      isWhole = false
      try skipDigits()
    }
    if take("e") || take("E") {
      isWhole = false
      if !take("+") { _ = take("-") }
      try skipDigits()
    }
    let text = String(decoding: bytes[start..<position], as: UTF8.self)
    if isWhole, let value = Int(text), value != 0 || !isNegative {
      append(.integer(value), at: start)
    } else if let value = Double(text), value.isFinite {
      append(.number(value), at: start)
    } else {
      throw expected("a number of a size that 64 bits can hold", at: start)
    }
  }

  /// Takes one digit or more.
  private mutating func skipDigits() throws(StrictJSONError) {
    let start = position
    while let byte = next, byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") { position += 1 }
    guard position > start else { throw expected("a digit") }
  }
}
