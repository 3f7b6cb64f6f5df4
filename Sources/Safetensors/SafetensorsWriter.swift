import Files
import Foundation

/// Writes a safetensors file from front to back: all tensors are declared first, then their bytes
/// are appended, in any pieces, one tensor after another.
///
///     let writer = try SafetensorsWriter(
///       creating: path, tensors: [TensorDeclaration(name: "gate", type: .f32, shape: [9, 4])])
///     try writer.append(gate, to: "gate")
///     try writer.finish()
///
/// The file appears under its name only when `finish()` has flushed all of it; a writer that is
/// dropped before leaves nothing. One thread at a time.
public final class SafetensorsWriter {
  /// The file's path, as it was given.
  public let path: String
  /// The tensors in the order in which their bytes must be appended.
  public let tensors: [TensorDescription]

  private let temporary: String
  private let writer: FileWriter
  private var turn = 0
  private var filled = 0
  private var finished = false

  /// Starts a file with a header of our own, the same bytes as the Python library would write:
  /// metadata first, tensors by type (wide ones first) and then by name, padded to 8 bytes.
  ///
  /// - Throws: `SafetensorsError` for a name given twice or reserved, an impossible shape, or
  ///   what the system refuses.
  public convenience init(
    creating path: String, tensors: [TensorDeclaration], metadata: [String: String] = [:]
  ) throws(SafetensorsError) {
    let header = try CanonicalHeader.json(of: tensors, metadata: metadata, file: path)
    try self.init(creating: path, header: header)
  }

  /// Starts a file with a given header, such as `SafetensorsFile.header`, byte for byte.
  ///
  /// - Throws: `SafetensorsError` for a header that a reader would refuse.
  public init(creating path: String, header: [UInt8]) throws(SafetensorsError) {
    guard header.count <= SafetensorsHeader.byteLimit else {
      throw .headerTooLarge(
        file: path, length: UInt64(header.count), limit: SafetensorsHeader.byteLimit)
    }
    tensors = try SafetensorsHeader(json: header, dataBytes: nil, file: path).tensors
    self.path = path
    temporary = path + ".tmp-\(getpid())"
    let length = UInt64(header.count)
    do {
      writer = try FileWriter(creating: temporary)
      let front = (0..<8).map { UInt8(truncatingIfNeeded: length >> (8 * $0)) } + header
      try unsafe front.withUnsafeBufferPointer { bytes throws(FileError) in
        try unsafe writer.append(UnsafeRawBufferPointer(bytes))
      }
    } catch { throw .file(error) }
  }

  deinit {
    if !finished { try? DurableFile.remove(temporary) }
  }

  /// Appends bytes of the tensor whose turn it is; tensors without bytes need no call.
  ///
  /// - Throws: `.outOfOrder` if it is another's turn, `.wrongByteCount` if these are more bytes
  ///   than it has left; nothing is written then.
  public func append(_ bytes: UnsafeRawBufferPointer, to name: String) throws(SafetensorsError) {
    guard let tensor = current(), tensor.name == name else {
      throw .outOfOrder(file: path, tensor: name, expected: current()?.name)
    }
    guard bytes.count <= tensor.byteCount - filled else {
      throw .wrongByteCount(
        file: path, tensor: name, declared: tensor.byteCount, found: filled + bytes.count)
    }
    do { try unsafe writer.append(bytes) } catch { throw .file(error) }
    filled += bytes.count
  }

  /// Appends numbers to an F32 tensor.
  public func append(_ values: [Float], to name: String) throws(SafetensorsError) {
    try check(name, is: .f32)
    let bits = values.map(\.bitPattern.littleEndian)
    try unsafe bits.withUnsafeBufferPointer { bytes throws(SafetensorsError) in
      try unsafe append(UnsafeRawBufferPointer(bytes), to: name)
    }
  }

  /// Appends numbers to an F64 tensor.
  public func append(_ values: [Double], to name: String) throws(SafetensorsError) {
    try check(name, is: .f64)
    let bits = values.map(\.bitPattern.littleEndian)
    try unsafe bits.withUnsafeBufferPointer { bytes throws(SafetensorsError) in
      try unsafe append(UnsafeRawBufferPointer(bytes), to: name)
    }
  }

  /// Flushes the file to the disk and gives it its name.
  ///
  /// - Throws: `.wrongByteCount` for the first tensor that is not whole.
  public func finish() throws(SafetensorsError) {
    if let tensor = current() {
      throw .wrongByteCount(
        file: path, tensor: tensor.name, declared: tensor.byteCount, found: filled)
    }
    do {
      try writer.finish()
      try DurableFile.rename(temporary, to: path)
    } catch { throw .file(error) }
    finished = true
  }

  /// The first tensor that still lacks bytes.
  private func current() -> TensorDescription? {
    while turn < tensors.count, filled == tensors[turn].byteCount {
      turn += 1
      filled = 0
    }
    return turn < tensors.count ? tensors[turn] : nil
  }

  private func check(_ name: String, is type: TensorType) throws(SafetensorsError) {
    if let tensor = current(), tensor.name == name, tensor.type != type {
      throw .unexpectedTensor(
        file: path, tensor: name, found: tensor.type.rawValue, expected: type.rawValue)
    }
  }
}

/// The header that the Python library writes for the same tensors.
private enum CanonicalHeader {
  static func json(
    of declarations: [TensorDeclaration], metadata: [String: String], file: String
  ) throws(SafetensorsError) -> [UInt8] {
    var members: [String] = []
    if !metadata.isEmpty {
      let pairs = metadata.sorted { $0.key < $1.key }.map { "\(quote($0)):\(quote($1))" }
      members.append("\"__metadata__\":{\(pairs.joined(separator: ","))}")
    }
    let sorted = declarations.sorted {
      $0.type == $1.type ? bytesPrecede($0.name, $1.name) : $0.type.layoutRank > $1.type.layoutRank
    }
    var start = 0
    for tensor in sorted {
      guard tensor.name != "__metadata__" else {
        throw .reservedName(file: file, name: tensor.name)
      }
      guard let count = tensor.byteCount, count <= Int.max - start else {
        throw .shapeOverflow(file: file, tensor: tensor.name, shape: tensor.shape)
      }
      let shape = tensor.shape.map(String.init).joined(separator: ",")
      members.append(
        "\(quote(tensor.name)):{\"dtype\":\"\(tensor.type.rawValue)\",\"shape\":[\(shape)],"
          + "\"data_offsets\":[\(start),\(start + count)]}")
      start += count
    }
    var bytes = Array("{\(members.joined(separator: ","))}".utf8)
    while bytes.count % 8 != 0 { bytes.append(0x20) }
    return bytes
  }

  private static func bytesPrecede(_ left: String, _ right: String) -> Bool {
    left.utf8.lexicographicallyPrecedes(right.utf8)
  }

  /// A JSON string: quotes, backslashes and control characters escaped, the rest as it is.
  private static func quote(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"", "\\": result += "\\\(scalar)"
      case "\u{08}": result += "\\b"
      case "\u{0C}": result += "\\f"
      case "\n": result += "\\n"
      case "\r": result += "\\r"
      case "\t": result += "\\t"
      case "\0"..<" ":
        let digits = String(scalar.value, radix: 16)
        result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}
