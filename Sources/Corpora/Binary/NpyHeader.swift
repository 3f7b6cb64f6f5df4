/// The head of a NumPy array file: type and shape.
///
/// Format 1.0, 2.0 and 3.0 of numpy.lib.format: `\x93NUMPY`, two bytes of version, the size of what
/// follows (2 bytes, from 2.0 on 4), a Python dictionary with `descr`, `fortran_order` and `shape`.
struct NpyHeader: Hashable {
  /// What the elements are.
  let type: IntegerType
  /// One or two dimensions; their product times the element's size fits 63 bits.
  let shape: [Int]
  /// Bytes before the first element.
  let dataOffset: Int

  /// Elements of the array.
  var elements: Int { shape.reduce(1, *) }
  /// Bytes of all elements.
  var dataBytes: Int { elements * type.size }

  /// The most bytes that a dictionary may have; NumPy itself refuses more than 10,000.
  static let limit = 1 << 16

  /// Reads the head, and leaves `bytes` at the first element.
  init(_ bytes: ForwardBytes) throws {
    let front = try bytes.take(8, of: "the head of the array")
    guard front.starts(with: [0x93] + Array("NUMPY".utf8)) else {
      throw BinaryFault("this is no NumPy array: it does not begin with \\x93NUMPY")
    }
    let version = (front[6], front[7])
    guard version.0 >= 1, version.0 <= 3, version.1 == 0 else {
      throw BinaryFault("its format is \(version.0).\(version.1), only 1.0, 2.0 and 3.0 are known")
    }
    let count =
      version.0 == 1
      ? Int(try bytes.take(2, of: "the head of the array").number(UInt16.self, at: 0))
      : Int(try bytes.take(4, of: "the head of the array").number(UInt32.self, at: 0))
    guard count <= Self.limit else {
      throw BinaryFault("its head claims \(count) bytes, the limit is \(Self.limit)")
    }
    var literal = NpyLiteral(try bytes.take(count, of: "the head of the array"))
    try self.init(literal.read(), dataOffset: bytes.position)
  }

  private init(_ members: NpyLiteral.Members, dataOffset: Int) throws(BinaryFault) {
    guard let type = Self.type(of: members.descr) else {
      let hint =
        members.descr.hasPrefix(">")
        ? "big-endian; store it with astype('<\(oneLine(members.descr.dropFirst().utf8))')"
        : "no array of integers; store token ids as <u2 or <u4"
      throw BinaryFault("its elements are \(oneLine(members.descr.utf8)): \(hint)")
    }
    guard members.shape.count == 1 || members.shape.count == 2 else {
      throw BinaryFault(
        "it has \(members.shape.count) dimensions; token ids are [tokens] or [samples, tokens]")
    }
    guard !members.isFortran || members.shape.count == 1 else {
      throw BinaryFault("it is in Fortran order; store it with numpy.ascontiguousarray")
    }
    var bytes = type.size
    for dimension in members.shape {
      let (product, overflow) = bytes.multipliedReportingOverflow(by: dimension)
      guard !overflow, product < 1 << 62 else {
        throw BinaryFault("its shape \(members.shape) is of impossible size")
      }
      bytes = product
    }
    guard members.shape.count == 1 || members.shape[1] > 0 || members.shape[0] == 0 else {
      throw BinaryFault("its \(members.shape[0]) rows have no elements")
    }
    self.type = type
    shape = members.shape
    self.dataOffset = dataOffset
  }

  private static func type(of descr: String) -> IntegerType? {
    switch descr {
    case "|u1", "<u1", "u1": .uint8
    case "|i1", "<i1", "i1": .int8
    case "<u2": .uint16
    case "<i2": .int16
    case "<u4": .uint32
    case "<i4": .int32
    case "<u8": .uint64
    case "<i8": .int64
    default: nil
    }
  }
}
