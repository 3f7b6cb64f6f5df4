import Files
import Foundation
import Safetensors
import StaticEmbeddings
import TestCheckpoints
import Testing

/// Where the models are that tests use.
enum TestModel {
  static let golden = Bundle.module.resourceURL!.appendingPathComponent("Golden")

  /// The small model that Tools/peers/static_embeddings.py writes.
  static let small = golden.appendingPathComponent("small").path

  /// The model in the package tokenlearn-static-model.
  static func package() throws -> String {
    if let path = ProcessInfo.processInfo.environment["ENGRAM_STATIC_MODEL"] { return path }
    let library = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent(".cache/python/lib").path
    let pythons = (try? FileManager.default.contentsOfDirectory(atPath: library)) ?? []
    for python in pythons.sorted() {
      let path = "\(library)/\(python)/site-packages/static_model/model"
      if FileManager.default.fileExists(atPath: path) { return path }
    }
    throw Missing()
  }

  struct Missing: Error, CustomStringConvertible {
    let description =
      "the package's model is not in .cache/python: run Tools/setup, or set ENGRAM_STATIC_MODEL"
  }

  /// Tokens of the small model's tokenizer.
  static func tokenCount() throws -> Int {
    let file = try SafetensorsFile(path: small + "/model.safetensors")
    return try file.tensor(named: "mapping").shape[0]
  }

  /// A tensor's name, type, shape and bytes.
  typealias Tensor = (name: String, type: TensorType, shape: [Int], bytes: [UInt8])

  /// Writes a model with the small one's tokenizer and tensors of the test's own.
  static func write(
    _ tensors: [Tensor], config: String = "{\"normalize\": false}", to folder: String
  ) throws {
    try DurableFile.createFolder(folder)
    let path = folder + "/model.safetensors"
    let writer = try SafetensorsWriter(
      creating: path,
      tensors: tensors.map { TensorDeclaration(name: $0.name, type: $0.type, shape: $0.shape) })
    for tensor in writer.tensors {
      let bytes = tensors.first { $0.name == tensor.name }?.bytes ?? []
      guard !bytes.isEmpty else { continue }
      try bytes.withUnsafeBytes { try writer.append($0, to: tensor.name) }
    }
    try writer.finish()
    try DurableFile.write(config, to: folder + "/config.json")
    let tokenizer = try DurableFile.read(small + "/tokenizer.json")
    try DurableFile.write(
      String(decoding: tokenizer, as: UTF8.self), to: folder + "/tokenizer.json")
  }

  /// The little-endian bytes of numbers.
  static func bytes<Number>(_ numbers: [Number]) -> [UInt8] {
    numbers.withUnsafeBytes { Array($0) }
  }
}
