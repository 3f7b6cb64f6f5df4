import StrictJSON

/// The JSON in front of the tensors, read and checked as a whole.
///
/// The rules are those of the safetensors format (github.com/huggingface/safetensors, "Format"):
/// the tensors' byte ranges follow one another without overlap, hole or rest.
struct SafetensorsHeader {
  /// The most bytes a header may have; the reference library has the same limit.
  static let byteLimit = 100_000_000

  /// The tensors in the order of their bytes.
  let tensors: [TensorDescription]
  /// What `__metadata__` holds.
  let metadata: [String: String]
  /// Where a name's tensor is in `tensors`.
  let indexOfName: [String: Int]

  /// Reads a header that is `json.count` bytes long and starts at byte 8 of its file.
  ///
  /// - Parameter dataBytes: the bytes of the file after the header; `nil` for a file that is
  ///   still to be written, where the last tensor decides.
  /// - Complexity: O(n log n) in the number of tensors, linear in the header's bytes.
  init(json: [UInt8], dataBytes: Int?, file: String) throws(SafetensorsError) {
    guard json.first == UInt8(ascii: "{") else {
      throw .malformed(file: file, offset: 0, expected: "'{'")
    }
    let members = try JSONDocument(json, file: file).root.members(in: file)
    var entries: [Entry] = []
    var names: Set<String> = []
    var metadata: [String: String] = [:]
    entries.reserveCapacity(members.count)
    for (bytes, value) in members {
      let name = String(decoding: bytes, as: UTF8.self)
      guard names.insert(name).inserted else { throw .duplicateName(file: file, name: name) }
      if name == "__metadata__" {
        for (bytes, value) in try value.members(in: file) {
          let key = String(decoding: bytes, as: UTF8.self)
          guard metadata.updateValue(try value.text(in: file), forKey: key) == nil else {
            throw .duplicateName(file: file, name: key)
          }
        }
      } else {
        entries.append(try Entry(name: name, value, file: file))
      }
    }
    self.metadata = metadata
    tensors = try Self.laidOut(
      entries, dataStart: 8 + json.count, dataBytes: dataBytes, file: file)
    var indexOfName: [String: Int] = [:]
    indexOfName.reserveCapacity(tensors.count)
    for (index, tensor) in tensors.enumerated() { indexOfName[tensor.name] = index }
    self.indexOfName = indexOfName
  }

  /// Puts tensors in the order of their bytes and checks that they fill the data exactly.
  private static func laidOut(
    _ entries: [Entry], dataStart: Int, dataBytes: Int?, file: String
  ) throws(SafetensorsError) -> [TensorDescription] {
    let sorted = entries.sorted { ($0.start, $0.end, $0.name) < ($1.start, $1.end, $1.name) }
    let dataBytes = dataBytes ?? sorted.last?.end ?? 0
    var tensors: [TensorDescription] = []
    tensors.reserveCapacity(sorted.count)
    var end = 0
    for entry in sorted {
      guard entry.end <= dataBytes, entry.end <= Int.max - dataStart else {
        throw .outOfFile(file: file, tensor: entry.name, end: entry.end, dataBytes: dataBytes)
      }
      guard entry.start >= end else {
        throw .overlap(file: file, tensor: entry.name, other: tensors.last?.name ?? "")
      }
      guard entry.start == end else {
        throw .hole(file: file, tensor: entry.name, bytes: entry.start - end)
      }
      end = entry.end
      tensors.append(
        TensorDescription(
          name: entry.name, type: entry.type, shape: entry.shape,
          range: dataStart + entry.start..<dataStart + entry.end))
    }
    guard end == dataBytes else { throw .trailingBytes(file: file, bytes: dataBytes - end) }
    return tensors
  }
}

/// One tensor as the header gives it: offsets count from the end of the header.
private struct Entry {
  let name: String
  let type: TensorType
  let shape: [Int]
  let start: Int
  let end: Int

  init(name: String, _ value: JSONValue, file: String) throws(SafetensorsError) {
    var typeName: String?
    var shape: [Int]?
    var offsets: [Int]?
    var fields: Set<String> = []
    for (bytes, value) in try value.members(in: file) {
      let field = String(decoding: bytes, as: UTF8.self)
      guard fields.insert(field).inserted else { throw .duplicateName(file: file, name: field) }
      switch field {
      case "dtype": typeName = try value.text(in: file)
      case "shape": shape = try value.counts(in: file)
      case "data_offsets": offsets = try value.counts(in: file)
      default: throw .unknownField(file: file, tensor: name, field: field)
      }
    }
    guard let typeName else { throw .missingField(file: file, tensor: name, field: "dtype") }
    guard let shape else { throw .missingField(file: file, tensor: name, field: "shape") }
    guard let offsets, offsets.count == 2 else {
      throw .missingField(file: file, tensor: name, field: "data_offsets of two numbers")
    }
    guard let type = TensorType(rawValue: typeName) else {
      throw .unknownType(file: file, tensor: name, type: typeName)
    }
    guard let expected = TensorDeclaration.byteCount(shape: shape, type: type) else {
      throw .shapeOverflow(file: file, tensor: name, shape: shape)
    }
    guard offsets[0] <= offsets[1] else {
      throw .reversedOffsets(file: file, tensor: name, start: offsets[0], end: offsets[1])
    }
    guard offsets[1] - offsets[0] == expected else {
      throw .sizeMismatch(
        file: file, tensor: name, expected: expected, found: offsets[1] - offsets[0])
    }
    self.name = name
    self.type = type
    self.shape = shape
    start = offsets[0]
    end = offsets[1]
  }
}
