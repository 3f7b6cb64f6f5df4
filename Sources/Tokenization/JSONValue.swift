/// A parsed JSON document. Strings are ranges of one arena of bytes, so that a vocabulary of
/// 100,000 entries costs two allocations and not 100,000, and so that two strings are equal only
/// where their bytes are (Swift's `String` compares by canonical equivalence).
struct JSONDocument {
  let root: JSONValue
  /// The UTF-8 bytes of all strings, unescaped.
  let arena: [UInt8]

  /// The bytes of a string value.
  func bytes(_ range: Range<Int>) -> ArraySlice<UInt8> { arena[range] }

  /// A string value as text.
  func text(_ range: Range<Int>) -> String { String(decoding: arena[range], as: UTF8.self) }
}

/// One JSON value. Objects keep their members in file order, duplicates included.
indirect enum JSONValue {
  case null
  case bool(Bool)
  case integer(Int)
  case number(Double)
  case string(Range<Int>)
  case array([JSONValue])
  case object([(key: Range<Int>, value: JSONValue)])
}

/// A strict JSON reader for hostile input: bounded depth, no lone surrogates, no control
/// characters in strings, valid UTF-8, nothing after the value.
///
/// - Complexity: one pass.
struct JSONReader {
  private static let depthLimit = 64

  private let input: UnsafeRawBufferPointer
  private var position = 0
  private var arena: [UInt8] = []

  static func parse(_ input: UnsafeRawBufferPointer) throws(TokenizationError) -> JSONDocument {
    if let offset = UTF8Text.firstError(in: input.bindMemory(to: UInt8.self)) {
      throw .malformed(offset: offset, reason: "this is not UTF-8")
    }
    var reader = JSONReader(input: input)
    reader.arena.reserveCapacity(input.count)
    let root = try reader.value(depth: 0)
    reader.skipSpace()
    guard reader.position == input.count else { throw reader.error("more than one value") }
    return JSONDocument(root: root, arena: reader.arena)
  }

  private init(input: UnsafeRawBufferPointer) { self.input = input }

  private func error(_ reason: String) -> TokenizationError {
    .malformed(offset: position, reason: reason)
  }

  private var next: UInt8? { position < input.count ? input[position] : nil }

  private mutating func skipSpace() {
    while let byte = next, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 {
      position += 1
    }
  }

  private mutating func take(_ byte: UInt8) -> Bool {
    guard next == byte else { return false }
    position += 1
    return true
  }

  private mutating func value(depth: Int) throws(TokenizationError) -> JSONValue {
    guard depth < Self.depthLimit else { throw error("nested deeper than \(Self.depthLimit)") }
    skipSpace()
    guard let next else { throw error("the file ends in the middle") }
    switch next {
    case UInt8(ascii: "{"): return try object(depth: depth)
    case UInt8(ascii: "["): return try array(depth: depth)
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "t"): return try word("true", .bool(true))
    case UInt8(ascii: "f"): return try word("false", .bool(false))
    case UInt8(ascii: "n"): return try word("null", .null)
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try number()
    default: throw error("a value was expected")
    }
  }

  private mutating func word(
    _ word: StaticString, _ value: JSONValue
  )
    throws(TokenizationError) -> JSONValue
  {
    for index in 0..<word.utf8CodeUnitCount {
      guard take(word.utf8Start[index]) else { throw error("a value was expected") }
    }
    return value
  }

  private mutating func object(depth: Int) throws(TokenizationError) -> JSONValue {
    position += 1
    var members: [(key: Range<Int>, value: JSONValue)] = []
    skipSpace()
    if take(UInt8(ascii: "}")) { return .object(members) }
    while true {
      skipSpace()
      guard next == UInt8(ascii: "\"") else { throw error("a member's name was expected") }
      let key = try string()
      skipSpace()
      guard take(UInt8(ascii: ":")) else { throw error("':' was expected") }
      members.append((key, try value(depth: depth + 1)))
      skipSpace()
      if take(UInt8(ascii: ",")) { continue }
      guard take(UInt8(ascii: "}")) else { throw error("',' or '}' was expected") }
      return .object(members)
    }
  }

  private mutating func array(depth: Int) throws(TokenizationError) -> JSONValue {
    position += 1
    var elements: [JSONValue] = []
    skipSpace()
    if take(UInt8(ascii: "]")) { return .array(elements) }
    while true {
      elements.append(try value(depth: depth + 1))
      skipSpace()
      if take(UInt8(ascii: ",")) { continue }
      guard take(UInt8(ascii: "]")) else { throw error("',' or ']' was expected") }
      return .array(elements)
    }
  }

  private mutating func string() throws(TokenizationError) -> Range<Int> {
    position += 1
    let start = arena.count
    while let byte = next {
      position += 1
      switch byte {
      case UInt8(ascii: "\""): return start..<arena.count
      case UInt8(ascii: "\\"): try escape()
      case 0..<0x20: throw error("a control character in a string")
      default: arena.append(byte)
      }
    }
    throw error("a string has no end")
  }

  private mutating func escape() throws(TokenizationError) {
    guard let byte = next else { throw error("a string has no end") }
    position += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): arena.append(byte)
    case UInt8(ascii: "b"): arena.append(0x08)
    case UInt8(ascii: "f"): arena.append(0x0C)
    case UInt8(ascii: "n"): arena.append(0x0A)
    case UInt8(ascii: "r"): arena.append(0x0D)
    case UInt8(ascii: "t"): arena.append(0x09)
    case UInt8(ascii: "u"):
      var code = try hexadecimal()
      if code & 0xFC00 == 0xD800, take(UInt8(ascii: "\\")) {
        guard take(UInt8(ascii: "u")) else { throw error("half of a surrogate pair") }
        let low = try hexadecimal()
        guard low & 0xFC00 == 0xDC00 else { throw error("half of a surrogate pair") }
        code = 0x10000 + (code & 0x3FF) << 10 + low & 0x3FF
      }
      guard let scalar = Unicode.Scalar(code) else { throw error("half of a surrogate pair") }
      arena.append(contentsOf: UTF8.encode(scalar)!)
    default: throw error("an unknown escape")
    }
  }

  private mutating func hexadecimal() throws(TokenizationError) -> UInt32 {
    var code: UInt32 = 0
    for _ in 0..<4 {
      guard let byte = next, let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
        throw error("four hexadecimal digits were expected")
      }
      code = code << 4 | UInt32(digit)
      position += 1
    }
    return code
  }

  private mutating func number() throws(TokenizationError) -> JSONValue {
    let start = position
    _ = take(UInt8(ascii: "-"))
    let digits = position
    skipDigits()
    guard position > digits else { throw error("a digit was expected") }
    guard input[digits] != UInt8(ascii: "0") || position == digits + 1 else {
      throw error("a number begins with 0")
    }
    var isInteger = true
    if take(UInt8(ascii: ".")) {
      isInteger = false
      let fraction = position
      skipDigits()
      guard position > fraction else { throw error("a digit was expected") }
    }
    if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
      isInteger = false
      if !take(UInt8(ascii: "+")) { _ = take(UInt8(ascii: "-")) }
      let exponent = position
      skipDigits()
      guard position > exponent else { throw error("a digit was expected") }
    }
    let text = String(decoding: input[start..<position], as: UTF8.self)
    if isInteger, let value = Int(text) { return .integer(value) }
    guard let value = Double(text) else { throw error("a number out of range") }
    return .number(value)
  }

  private mutating func skipDigits() {
    while let byte = next, byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") { position += 1 }
  }
}
