import Files

/// What can be wrong with a safetensors file, an index or a tensor to be written.
///
/// Every case names the file; `description` is one line that says what, where and what to do.
public enum SafetensorsError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The system refused to open, map or write the file.
  case file(FileError)
  /// Fewer than the 8 bytes that hold the header's length.
  case tooShort(file: String, bytes: Int)
  /// The header's length is above the limit.
  case headerTooLarge(file: String, length: UInt64, limit: Int)
  /// The header would end after the file.
  case headerOutOfFile(file: String, length: Int, fileBytes: Int)
  /// The header or index is not UTF-8.
  case notUTF8(file: String)
  /// The JSON of the header or index is not what it must be at this byte of it.
  case malformed(file: String, offset: Int, expected: String)
  /// The same key twice in one JSON object, or one tensor in two files of a folder.
  case duplicateName(file: String, name: String)
  /// A tensor lacks `dtype`, `shape` or `data_offsets`.
  case missingField(file: String, tensor: String, field: String)
  /// A tensor has a field that the format does not have.
  case unknownField(file: String, tensor: String, field: String)
  /// An element type that is not known here.
  case unknownType(file: String, tensor: String, type: String)
  /// The product of the dimensions and the element size does not fit 63 bits, or a dimension is
  /// negative.
  case shapeOverflow(file: String, tensor: String, shape: [Int])
  /// The tensor ends before it starts.
  case reversedOffsets(file: String, tensor: String, start: Int, end: Int)
  /// The tensor ends after the file.
  case outOfFile(file: String, tensor: String, end: Int, dataBytes: Int)
  /// The byte range does not hold what shape and type need.
  case sizeMismatch(file: String, tensor: String, expected: Int, found: Int)
  /// Two tensors share bytes.
  case overlap(file: String, tensor: String, other: String)
  /// Bytes before a tensor belong to none.
  case hole(file: String, tensor: String, bytes: Int)
  /// Bytes after the last tensor.
  case trailingBytes(file: String, bytes: Int)
  /// No tensor has this name.
  case noSuchTensor(file: String, name: String)
  /// The tensor's type or shape is not what the caller needs.
  case unexpectedTensor(file: String, tensor: String, found: String, expected: String)
  /// A tensor cannot be declared under this name.
  case reservedName(file: String, name: String)
  /// Bytes were appended for another tensor than the one whose turn it is.
  case outOfOrder(file: String, tensor: String, expected: String?)
  /// More or fewer bytes were appended than the tensor was declared to have.
  case wrongByteCount(file: String, tensor: String, declared: Int, found: Int)
  /// The index sends a tensor to something that is not a plain file name.
  case unsafeFileName(file: String, tensor: String, name: String)
  /// The index sends a tensor to a file that does not hold it.
  case notInShard(index: String, tensor: String, shard: String)
  /// A folder without safetensors files.
  case noFiles(folder: String)

  /// One line: what is wrong, where, and what to do.
  public var description: String {
    switch self {
    case .file(let error): error.description
    case .tooShort, .headerTooLarge, .headerOutOfFile, .notUTF8, .malformed, .trailingBytes:
      headerMessage
    case .noSuchTensor, .unexpectedTensor, .reservedName, .outOfOrder, .wrongByteCount:
      useMessage
    case .unsafeFileName, .notInShard, .noFiles: folderMessage
    default: tensorMessage
    }
  }

  private var headerMessage: String {
    switch self {
    case .tooShort(let file, let bytes):
      "\(line(file)): \(bytes) bytes is too short for a safetensors file; \(Self.fetchAgain)"
    case .headerTooLarge(let file, let length, let limit):
      "\(line(file)): the header claims \(length) bytes, the limit is \(limit); "
        + "check that this is a safetensors file"
    case .headerOutOfFile(let file, let length, let fileBytes):
      "\(line(file)): the header claims \(length) bytes but the file has \(fileBytes); "
        + Self.fetchAgain
    case .notUTF8(let file): "\(line(file)): the JSON is not valid UTF-8; \(Self.fetchAgain)"
    case .malformed(let file, let offset, let expected):
      "\(line(file)): expected \(expected) at byte \(offset) of the JSON; \(Self.writeAgain)"
    case .trailingBytes(let file, let bytes):
      "\(line(file)): \(bytes) bytes after the last tensor belong to none; \(Self.fetchAgain)"
    default: ""
    }
  }

  private var tensorMessage: String {
    switch self {
    case .duplicateName(let file, let name):
      "\(line(file)): the name \(quoted(name)) occurs twice; \(Self.writeAgain)"
    case .missingField(let file, let tensor, let field):
      "\(line(file)): tensor \(quoted(tensor)) has no \(field); \(Self.writeAgain)"
    case .unknownField(let file, let tensor, let field):
      "\(line(file)): tensor \(quoted(tensor)) has an unknown field \(quoted(field)); "
        + Self.writeAgain
    case .unknownType(let file, let tensor, let type):
      "\(line(file)): tensor \(quoted(tensor)) has the unknown type \(quoted(type)); convert it "
        + "to one of \(TensorType.allCases.map(\.rawValue).joined(separator: " "))"
    case .shapeOverflow(let file, let tensor, let shape):
      "\(line(file)): tensor \(quoted(tensor)) has a shape of impossible size, "
        + "\(Self.brief(shape)); \(Self.writeAgain)"
    case .reversedOffsets(let file, let tensor, let start, let end):
      "\(line(file)): tensor \(quoted(tensor)) starts at \(start) and ends before that, at "
        + "\(end); \(Self.writeAgain)"
    case .outOfFile(let file, let tensor, let end, let dataBytes):
      "\(line(file)): tensor \(quoted(tensor)) ends at \(end) but the file has only "
        + "\(dataBytes) bytes of data; \(Self.fetchAgain)"
    case .sizeMismatch(let file, let tensor, let expected, let found):
      "\(line(file)): tensor \(quoted(tensor)) has \(found) bytes, its shape and type need "
        + "\(expected); \(Self.writeAgain)"
    case .overlap(let file, let tensor, let other):
      "\(line(file)): tensors \(quoted(other)) and \(quoted(tensor)) overlap; "
        + Self.writeAgain
    case .hole(let file, let tensor, let bytes):
      "\(line(file)): \(bytes) bytes before tensor \(quoted(tensor)) belong to none; "
        + Self.writeAgain
    default: ""
    }
  }

  private var useMessage: String {
    switch self {
    case .noSuchTensor(let file, let name):
      "\(line(file)): there is no tensor \(quoted(name)); check the name against the model"
    case .unexpectedTensor(let file, let tensor, let found, let expected):
      "\(line(file)): tensor \(quoted(tensor)) is \(found), expected \(expected); "
        + "check that the model is the one named"
    case .reservedName(let file, let name):
      "\(line(file)): a tensor cannot be named \(quoted(name)); choose another name"
    case .outOfOrder(let file, let tensor, let expected):
      "\(line(file)): bytes for tensor \(quoted(tensor)) came "
        + (expected.map { "while it was the turn of \(quoted($0))" } ?? "after the last tensor")
        + "; append tensors in the order of the header"
    case .wrongByteCount(let file, let tensor, let declared, let found):
      "\(line(file)): tensor \(quoted(tensor)) was declared with \(declared) bytes but got "
        + "\(found); append exactly what was declared"
    default: ""
    }
  }

  private var folderMessage: String {
    switch self {
    case .unsafeFileName(let file, let tensor, let name):
      "\(line(file)): tensor \(quoted(tensor)) is sent to \(quoted(name)), which is not a plain "
        + "*.safetensors file name; do not use this index"
    case .notInShard(let index, let tensor, let shard):
      "\(line(index)): tensor \(quoted(tensor)) is not in \(quoted(shard)) as the index says; "
        + Self.fetchAgain
    case .noFiles(let folder):
      "\(line(folder)): no safetensors files in this folder; check the path"
    default: ""
    }
  }

  private static let fetchAgain = "the file is damaged or incomplete, copy it again"
  private static let writeAgain = "write the file again with a conforming tool"

  private static func brief(_ shape: [Int]) -> String {
    shape.count <= 8 ? "\(shape)" : "\(shape.prefix(8).map(String.init).joined(separator: ", "))..."
  }
}

/// A name out of an untrusted file, made fit for one line of text: quoted, control characters
/// escaped, cut at 1000 characters.
private func quoted(_ name: String) -> String { "\"\(line(name))\"" }

/// Text without line breaks and control characters, cut at 1000 Unicode scalars.
private func line(_ text: String) -> String {
  var result = ""
  for (count, scalar) in text.unicodeScalars.enumerated() {
    if count == 1000 { return result + "..." }
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator:
      result += "\\u{\(String(scalar.value, radix: 16))}"
    default: result.unicodeScalars.append(scalar)
    }
  }
  return result
}
