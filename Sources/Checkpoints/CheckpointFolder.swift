import Addressing
import Files
import Foundation
import MemoryTables
import Safetensors

/// A model folder: `config.json` and safetensors files, and the memory tables that it holds.
///
///     let checkpoint = try CheckpointFolder(path: "DeepSeek-V4.1-Flash")
///     for table in try checkpoint.tables() { print(table.layer, table.rows) }
///
/// Opening reads headers alone; rows are read by mapping when a table is copied.
public struct CheckpointFolder {
  /// How the tables of a model are stored.
  public enum Family: String, Sendable {
    /// DeepSeek-V4.1: codes and scales of each layer as two tensors.
    case deepseekV41 = "deepseek-v4.1"
    /// Qwen PLE: one table a layer in 128 shards.
    case qwenPLE = "qwen-ple"
    /// One tensor of rows.
    case plain
  }

  /// The folder.
  public let path: String
  /// What kind of model it is.
  public let family: Family
  let tensors: SafetensorsFolder
  let config: [String: Any]

  /// Opens the folder and reads its config and all headers.
  ///
  /// - Parameter plain: treat it as plain tensors, whatever the config says.
  /// - Throws: `CheckpointError.badConfig`, `SafetensorsError`, `FileError`.
  public init(path: String, plain: Bool = false) throws {
    self.path = path
    tensors = try SafetensorsFolder(path: path)
    let file = path + "/config.json"
    if DurableFile.size(of: file) != nil {
      config = try Self.readConfig(file)
    } else {
      config = [:]
    }
    let sections = [config, config["text_config"] as? [String: Any] ?? [:]]
    if plain {
      family = .plain
    } else if sections.contains(where: { $0["engram_layer_ids"] != nil }) {
      family = .deepseekV41
    } else if sections.contains(where: { $0["ple_layer_ids"] != nil }) {
      family = .qwenPLE
    } else {
      family = .plain
    }
  }

  /// The tokenizer file of the model, where the folder has one.
  public var tokenizerPath: String? {
    let file = path + "/tokenizer.json"
    return DurableFile.size(of: file) == nil ? nil : file
  }

  /// The memory tables, in the order of their layers.
  ///
  /// - Parameters:
  ///   - tensor: for plain folders: the tensor that holds the rows; needed where several could.
  ///   - addressing: for plain folders: the rule of the rows; nil where they are read by number.
  /// - Throws: `CheckpointError`, `AddressingError` where config and tensors contradict.
  public func tables(
    tensor: String? = nil, addressing: Addressing? = nil
  ) throws -> [CheckpointTable] {
    switch family {
    case .deepseekV41: try DeepSeekCheckpoint(folder: self).tables()
    case .qwenPLE: try QwenCheckpoint(folder: self).tables()
    case .plain: [try PlainCheckpoint(folder: self).table(tensor, addressing: addressing)]
    }
  }

  /// Files that hold nothing but the tensors of these tables.
  public func filesHoldingOnly(_ tables: [CheckpointTable]) -> [SafetensorsFile] {
    let known = Set(tables.flatMap { $0.description.tensors.map(\.name) })
    return tensors.files.filter { file in file.tensors.allSatisfy { known.contains($0.name) } }
  }

  func tensor(_ name: String) throws -> SafetensorsFolder.Location {
    guard let location = tensors[name] else {
      throw CheckpointError.missingTensor(name: name, path: path)
    }
    return location
  }

  private static func readConfig(_ path: String) throws -> [String: Any] {
    let bytes = try DurableFile.read(path, limit: 64 << 20)
    let value: Any
    do {
      value = try JSONSerialization.jsonObject(with: Data(bytes))
    } catch {
      throw CheckpointError.badConfig(path: path, reason: "it is no JSON")
    }
    guard let object = value as? [String: Any] else {
      throw CheckpointError.badConfig(path: path, reason: "it is no JSON object")
    }
    return object
  }
}
