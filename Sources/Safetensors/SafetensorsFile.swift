import Files

/// A safetensors file, mapped and checked: what it says about its tensors is true of its bytes.
///
///     let file = try SafetensorsFile(path: "model.safetensors")
///     let weight = try file.tensor(named: "layers.1.engram.wkv.weight")
///     unsafe file.withUnsafeBytes(of: weight) { bytes in ... }
///
/// Opening reads the header and no tensor. The file must not change while it is open.
public struct SafetensorsFile: Sendable {
  /// The file's path, or the name that was given to the bytes.
  public let path: String
  /// The tensors in the order of their bytes, which together are the whole file after the header.
  public let tensors: [TensorDescription]
  /// What the header's `__metadata__` holds.
  public let metadata: [String: String]
  /// Bytes of JSON in the header, padding included; the data starts 8 bytes after that.
  public let headerByteCount: Int

  private let source: Source
  private let indexOfName: [String: Int]

  /// Maps the file at `path` and checks its header.
  ///
  /// - Throws: `SafetensorsError`, for every way in which header and file can disagree.
  /// - Complexity: linear in the header.
  public init(
    path: String, access: MappedFile.Access = .normal
  ) throws(SafetensorsError) {
    let file: MappedFile
    do { file = try MappedFile(path: path, access: access) } catch { throw .file(error) }
    try self.init(.mapped(file), path: path)
  }

  /// Reads a safetensors file that is already in memory.
  ///
  /// - Parameter name: what errors call it.
  public init(bytes: [UInt8], name: String) throws(SafetensorsError) {
    try self.init(.bytes(bytes), path: name)
  }

  /// The tensors that a header alone describes, such as `header` of another file.
  ///
  /// - Parameter name: what errors call it.
  public static func tensors(
    inHeader header: [UInt8], name: String
  ) throws(SafetensorsError) -> [TensorDescription] {
    try SafetensorsHeader(json: header, dataBytes: nil, file: name).tensors
  }

  /// The `__metadata__` of a header alone, such as `header` of another file.
  ///
  /// - Parameter name: what errors call it.
  public static func metadata(
    inHeader header: [UInt8], name: String
  ) throws(SafetensorsError) -> [String: String] {
    try SafetensorsHeader(json: header, dataBytes: nil, file: name).metadata
  }

  private init(_ source: Source, path: String) throws(SafetensorsError) {
    let count = source.count
    guard count >= 8 else { throw .tooShort(file: path, bytes: count) }
    let length = source.copy(0..<8).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    guard length <= UInt64(SafetensorsHeader.byteLimit) else {
      throw .headerTooLarge(file: path, length: length, limit: SafetensorsHeader.byteLimit)
    }
    headerByteCount = Int(length)
    guard headerByteCount <= count - 8 else {
      throw .headerOutOfFile(file: path, length: headerByteCount, fileBytes: count)
    }
    let header = try SafetensorsHeader(
      json: source.copy(8..<8 + headerByteCount), dataBytes: count - 8 - headerByteCount,
      file: path)
    self.source = source
    self.path = path
    tensors = header.tensors
    metadata = header.metadata
    indexOfName = header.indexOfName
  }

  /// The file's size in bytes.
  public var byteCount: Int { source.count }

  /// The header's JSON as it stands in the file, padding included: a writer that is given these
  /// bytes and the same tensors writes the same file.
  public var header: [UInt8] { source.copy(8..<8 + headerByteCount) }

  /// The tensor with this name, `nil` where there is none. Names that Unicode calls equivalent
  /// are the same name.
  public subscript(name: String) -> TensorDescription? {
    indexOfName[name].map { tensors[$0] }
  }

  /// The tensor with this name.
  ///
  /// - Throws: `SafetensorsError.noSuchTensor`.
  public func tensor(named name: String) throws(SafetensorsError) -> TensorDescription {
    guard let tensor = self[name] else { throw .noSuchTensor(file: path, name: name) }
    return tensor
  }

  /// Calls `body` with a tensor's bytes, in place. They may start at any address: load elements
  /// unaligned. The buffer is valid only during the call.
  ///
  /// - Parameter tensor: one of this file's `tensors`.
  public func withUnsafeBytes<Result, Failure: Error>(
    of tensor: TensorDescription,
    _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    precondition(
      self[tensor.name] == tensor, "the description is of a tensor of another file")
    return unsafe try source.withUnsafeBytes(tensor.range, body)
  }

  /// Tells the system that a part of the file is not needed for now; see `MappedFile.release`.
  ///
  /// - Parameter range: byte offsets from the start of the file.
  public func release(_ range: Range<Int>) {
    if case .mapped(let file) = source { file.release(range) }
  }
}

/// Where a file's bytes are.
private enum Source: Sendable {
  case mapped(MappedFile)
  case bytes([UInt8])

  var count: Int {
    switch self {
    case .mapped(let file): file.count
    case .bytes(let bytes): bytes.count
    }
  }

  /// - Parameter range: inside the file; the callers have checked it.
  func copy(_ range: Range<Int>) -> [UInt8] {
    unsafe withUnsafeBytes(range) { unsafe Array($0) }
  }

  func withUnsafeBytes<Result, Failure: Error>(
    _ range: Range<Int>, _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    switch self {
    case .mapped(let file):
      defer { withExtendedLifetime(file) {} }
      return unsafe try body(UnsafeRawBufferPointer(rebasing: file.bytes[range]))
    case .bytes(let bytes):
      return unsafe try bytes.withUnsafeBufferPointer { all throws(Failure) in
        unsafe try body(UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(all)[range]))
      }
    }
  }
}
