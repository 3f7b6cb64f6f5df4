/// Reads the dictionary of a NumPy head strictly: three members, each once, nothing behind it but
/// white space.
struct NpyLiteral {
  /// What the dictionary says.
  struct Members: Hashable {
    var descr: String
    var isFortran: Bool
    var shape: [Int]
  }

  private let bytes: [UInt8]
  private var position = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// - Throws: `BinaryFault` for anything else than the three members.
  mutating func read() throws(BinaryFault) -> Members {
    var descr: String?
    var isFortran: Bool?
    var shape: [Int]?
    try expect("{")
    while !take("}") {
      let name = try readString()
      try expect(":")
      switch name {
      case "descr" where descr == nil: descr = try readString()
      case "fortran_order" where isFortran == nil: isFortran = try readBool()
      case "shape" where shape == nil: shape = try readShape()
      default: throw fault("the member \(oneLine(name.utf8)) twice or unknown")
      }
      if !take(",") {
        try expect("}")
        break
      }
    }
    skipSpace()
    guard position == bytes.count else { throw fault("something behind the dictionary") }
    guard let descr, let isFortran, let shape else {
      throw fault("no descr, fortran_order or shape")
    }
    return Members(descr: descr, isFortran: isFortran, shape: shape)
  }

  private func fault(_ found: String) -> BinaryFault {
    BinaryFault("its head has \(found) at byte \(position) of the dictionary")
  }

  private mutating func skipSpace() {
    while position < bytes.count, [0x20, 0x0A, 0x0D, 0x09].contains(bytes[position]) {
      position += 1
    }
  }

  private mutating func take(_ byte: Unicode.Scalar) -> Bool {
    skipSpace()
    guard position < bytes.count, bytes[position] == UInt8(ascii: byte) else { return false }
    position += 1
    return true
  }

  private mutating func expect(_ byte: Unicode.Scalar) throws(BinaryFault) {
    guard take(byte) else { throw fault("no \(byte)") }
  }

  /// A string without escapes, as type descriptions and names are.
  private mutating func readString() throws(BinaryFault) -> String {
    let quote: UInt8
    if take("'") {
      quote = UInt8(ascii: "'")
    } else if take("\"") {
      quote = UInt8(ascii: "\"")
    } else {
      throw fault("no plain string")
    }
    let start = position
    while position < bytes.count, bytes[position] != quote {
      guard bytes[position] >= 0x20, bytes[position] < 0x7F, bytes[position] != UInt8(ascii: "\\")
      else { throw fault("no plain string") }
      position += 1
    }
    guard position < bytes.count else { throw fault("a string without an end") }
    defer { position += 1 }
    return String(decoding: bytes[start..<position], as: UTF8.self)
  }

  private mutating func readBool() throws(BinaryFault) -> Bool {
    skipSpace()
    for (word, value) in [("True", true), ("False", false)]
    where bytes[position...].starts(with: word.utf8) {
      position += word.utf8.count
      return value
    }
    throw fault("no True or False")
  }

  private mutating func readShape() throws(BinaryFault) -> [Int] {
    var shape: [Int] = []
    try expect("(")
    while !take(")") {
      guard shape.count < 32 else { throw fault("more than 32 dimensions") }
      shape.append(try readDimension())
      if !take(",") {
        try expect(")")
        break
      }
    }
    return shape
  }

  private mutating func readDimension() throws(BinaryFault) -> Int {
    skipSpace()
    var value = 0
    let start = position
    while position < bytes.count, bytes[position] >= 0x30, bytes[position] <= 0x39 {
      let (product, high) = value.multipliedReportingOverflow(by: 10)
      let (sum, carry) = product.addingReportingOverflow(Int(bytes[position] - 0x30))
      guard !high, !carry else { throw fault("a dimension beyond 63 bits") }
      value = sum
      position += 1
    }
    guard position > start else { throw fault("no dimension") }
    return value
  }
}
