import Files
import Foundation
import Safetensors
import SeededRandom

/// A checkpoint in memory: tensors whose bytes are known, and the files that they go into. A test
/// changes what it likes before it writes it.
public struct MadeCheckpoint: Sendable {
  /// A tensor.
  public struct Tensor: Sendable {
    /// Its name.
    public var name: String
    /// Its type.
    public var type: TensorType
    /// Its shape.
    public var shape: [Int]
    /// Its bytes, row after row.
    public var bytes: [UInt8]
    /// The file that it goes into.
    public var file: String

    /// A tensor of these bytes.
    public init(
      _ name: String, _ type: TensorType, _ shape: [Int], _ bytes: [UInt8], file: String = "a"
    ) {
      self.name = name
      self.type = type
      self.shape = shape
      self.bytes = bytes
      self.file = file + ".safetensors"
    }

    /// A tensor of random bytes.
    public init(
      _ name: String, _ type: TensorType, _ shape: [Int], file: String = "a",
      random generator: inout SeededGenerator
    ) {
      let count = shape.reduce(type.byteCount, *)
      self.init(name, type, shape, generator.bytes(count), file: file)
    }

    /// The bytes of a row.
    public func row(_ row: Int) -> [UInt8] {
      let width = shape.dropFirst().reduce(type.byteCount, *)
      return Array(bytes[(row * width)..<((row + 1) * width)])
    }
  }

  /// All tensors.
  public var tensors: [Tensor]
  /// The text of `config.json`; none is written where nil.
  public var config: String?

  /// A checkpoint of these tensors.
  public init(tensors: [Tensor], config: String? = nil) {
    self.tensors = tensors
    self.config = config
  }

  /// The tensor with this name, which must be there.
  public subscript(name: String) -> Tensor {
    get { tensors[index(of: name)] }
    set { tensors[index(of: name)] = newValue }
  }

  /// Takes a tensor out.
  public mutating func remove(_ name: String) { tensors.remove(at: index(of: name)) }

  private func index(of name: String) -> Int {
    guard let index = tensors.firstIndex(where: { $0.name == name }) else {
      preconditionFailure("the checkpoint was made without a tensor \(name)")
    }
    return index
  }

  /// Writes the files, an index and the config into a folder.
  public func write(to folder: String) throws {
    try DurableFile.createFolder(folder)
    for file in Set(tensors.map(\.file)) {
      let mine = tensors.filter { $0.file == file }
      let writer = try SafetensorsWriter(
        creating: folder + "/" + file,
        tensors: mine.map { TensorDeclaration(name: $0.name, type: $0.type, shape: $0.shape) },
        metadata: ["format": "pt"])
      for declared in writer.tensors where declared.byteCount > 0 {
        try self[declared.name].bytes.withUnsafeBytes { try writer.append($0, to: declared.name) }
      }
      try writer.finish()
    }
    let map = Dictionary(uniqueKeysWithValues: tensors.map { ($0.name, $0.file) })
    let index = try JSONSerialization.data(withJSONObject: ["weight_map": map])
    try DurableFile.write(
      String(decoding: index, as: UTF8.self), to: folder + "/model.safetensors.index.json")
    if let config { try DurableFile.write(config, to: folder + "/config.json") }
  }
}
