/// The head of a NumPy file of vectors (numpy.lib.format 1.0 to 3.0): `\x93NUMPY`, two bytes of
/// version, the size of the rest (2 bytes, from 2.0 on 4), and a Python dictionary that tells of
/// `descr`, `fortran_order` and `shape`.
struct NpyHead: Equatable {
  static let magic = [0x93] + Array("NUMPY".utf8)
  /// The most bytes that a dictionary may have; NumPy itself refuses more than 10,000.
  static let limit = 1 << 16

  var type: NumberType
  /// [vectors, dimensions], neither negative.
  var shape: [Int]
  /// Bytes before the first number.
  var dataOffset: Int

  /// Why a head cannot be used, as the end of a sentence.
  struct Fault: Error {
    var reason: String

    init(_ reason: String) { self.reason = reason }
  }

  init(_ bytes: UnsafeRawBufferPointer) throws(Fault) {
    guard bytes.count >= 12, bytes.prefix(6).elementsEqual(Self.magic) else {
      throw Fault("it is no NumPy array")
    }
    guard (1...3).contains(bytes[6]), bytes[7] == 0 else {
      throw Fault("its format is \(bytes[6]).\(bytes[7]), known are 1.0, 2.0 and 3.0")
    }
    let start = bytes[6] == 1 ? 10 : 12
    let size = bytes[8..<start].reversed().reduce(0) { $0 << 8 | Int($1) }
    guard size <= Self.limit, size <= bytes.count - start else {
      throw Fault("its head claims \(size) bytes; copy the file again")
    }
    var dictionary = NpyDictionary(bytes[start..<start + size])
    try dictionary.read()
    guard let descr = dictionary.descr, let isFortran = dictionary.isFortran,
      let shape = dictionary.shape
    else { throw Fault("its head lacks descr, fortran_order or shape") }
    switch descr {
    case "<f2": type = .float16
    case "<f4": type = .float32
    case "<f8": type = .float64
    default: throw Fault("its numbers are not <f2, <f4 or <f8; store them with astype('<f4')")
    }
    guard shape.count == 2 else {
      throw Fault("it has \(shape.count) dimensions; vectors are an array [passages, dimensions]")
    }
    guard !isFortran else {
      throw Fault("it is in Fortran order; store it with numpy.ascontiguousarray")
    }
    self.shape = shape
    dataOffset = start + size
  }
}

/// The dictionary in a NumPy file's head: the few forms of Python that NumPy writes.
struct NpyDictionary {
  private(set) var descr: String?
  private(set) var isFortran: Bool?
  private(set) var shape: [Int]?

  private var rest: Slice<UnsafeRawBufferPointer>

  init(_ bytes: Slice<UnsafeRawBufferPointer>) { rest = bytes }

  mutating func read() throws(NpyHead.Fault) {
    try expect("{")
    while !skip("}") {
      let name = try text()
      try expect(":")
      switch name {
      case "descr" where descr == nil: descr = try text()
      case "fortran_order" where isFortran == nil:
        if skip("True") { isFortran = true } else { isFortran = false; try expect("False") }
      case "shape" where shape == nil: shape = try tuple()
      default: throw NpyHead.Fault("its head is not of a plain array")
      }
      if !skip(",") {
        try expect("}")
        break
      }
    }
    skipSpace()
    guard rest.isEmpty else { throw NpyHead.Fault("its head goes on after its dictionary") }
  }

  private mutating func tuple() throws(NpyHead.Fault) -> [Int] {
    try expect("(")
    var numbers: [Int] = []
    while !skip(")") {
      guard numbers.count < 32 else { throw NpyHead.Fault("it has more than 32 dimensions") }
      numbers.append(try number())
      if !skip(",") {
        try expect(")")
        break
      }
    }
    return numbers
  }

  private mutating func number() throws(NpyHead.Fault) -> Int {
    skipSpace()
    let digits = rest.prefix { (0x30...0x39).contains($0) }
    guard let value = Int(String(decoding: digits, as: UTF8.self)) else {
      throw NpyHead.Fault("its shape is not of whole numbers")
    }
    rest = rest.dropFirst(digits.count)
    return value
  }

  private mutating func text() throws(NpyHead.Fault) -> String {
    skipSpace()
    guard let quote = rest.first, quote == 0x27 || quote == 0x22 else {
      throw NpyHead.Fault("its head is not of a plain array")
    }
    let content = rest.dropFirst().prefix { $0 != quote }
    guard content.count <= 64, content.count + 2 <= rest.count else {
      throw NpyHead.Fault("its head is not of a plain array")
    }
    rest = rest.dropFirst(content.count + 2)
    return String(decoding: content, as: UTF8.self)
  }

  private mutating func skipSpace() {
    rest = rest.drop { $0 == 0x20 || $0 == 0x0A || $0 == 0x09 || $0 == 0x0D }
  }

  private mutating func skip(_ word: String) -> Bool {
    skipSpace()
    guard rest.starts(with: word.utf8) else { return false }
    rest = rest.dropFirst(word.utf8.count)
    return true
  }

  private mutating func expect(_ word: String) throws(NpyHead.Fault) {
    guard skip(word) else { throw NpyHead.Fault("its head lacks a \"\(word)\"") }
  }
}
