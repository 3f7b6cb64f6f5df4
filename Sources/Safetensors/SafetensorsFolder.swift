import Files
import StrictJSON

/// The safetensors files of a model folder, seen as one collection of tensors.
///
/// The folder's `model.safetensors.index.json` says which file holds which tensor. Without one,
/// the folder is its `model.safetensors`; without that, all its `*.safetensors` together.
public struct SafetensorsFolder: Sendable {
  /// A tensor and the file that holds it.
  public struct Location: Sendable {
    /// The file, open.
    public let file: SafetensorsFile
    /// The tensor in it.
    public let tensor: TensorDescription
  }

  /// The folder's path, as it was given.
  public let path: String
  /// The files, by name in the folder, sorted.
  public let files: [SafetensorsFile]
  /// The names of all tensors, sorted.
  public let names: [String]

  private let fileOfName: [String: Int]

  /// Opens all files of the folder and checks their headers and the index against them.
  ///
  /// - Throws: `SafetensorsError`; an index that names a path instead of a file name, or a
  ///   tensor that its file does not hold, is refused.
  public init(path: String) throws(SafetensorsError) {
    self.path = path
    let indexPath = path + "/model.safetensors.index.json"
    let fileOfTensor: [String: String]?
    var fileNames: [String]
    if DurableFile.size(of: indexPath) != nil {
      let index = try SafetensorsIndex.read(indexPath)
      fileNames = Set(index.values).sorted()
      fileOfTensor = index
    } else {
      fileNames = try Self.fileNames(in: path)
      fileOfTensor = nil
    }
    guard !fileNames.isEmpty else { throw .noFiles(folder: path) }
    var files: [SafetensorsFile] = []
    for name in fileNames {
      files.append(try SafetensorsFile(path: path + "/" + name, access: .sequential))
    }

    var fileOfName: [String: Int] = [:]
    if let fileOfTensor {
      let number = Dictionary(
        uniqueKeysWithValues: fileNames.enumerated().map { ($0.element, $0.offset) })
      for (tensor, file) in fileOfTensor {
        guard let number = number[file], files[number][tensor] != nil else {
          throw .notInShard(index: indexPath, tensor: tensor, shard: file)
        }
        fileOfName[tensor] = number
      }
    } else {
      for (number, file) in files.enumerated() {
        for tensor in file.tensors {
          guard fileOfName.updateValue(number, forKey: tensor.name) == nil else {
            throw .duplicateName(file: file.path, name: tensor.name)
          }
        }
      }
    }
    self.files = files
    self.fileOfName = fileOfName
    names = fileOfName.keys.sorted()
  }

  /// The tensor with this name, `nil` where there is none.
  public subscript(name: String) -> Location? {
    guard let number = fileOfName[name], let tensor = files[number][name] else { return nil }
    return Location(file: files[number], tensor: tensor)
  }

  /// The tensor with this name and the file that holds it.
  ///
  /// - Throws: `SafetensorsError.noSuchTensor`.
  public func tensor(named name: String) throws(SafetensorsError) -> Location {
    guard let location = self[name] else { throw .noSuchTensor(file: path, name: name) }
    return location
  }

  private static func fileNames(in folder: String) throws(SafetensorsError) -> [String] {
    do {
      let names = try DurableFile.names(in: folder).filter { $0.hasSuffix(".safetensors") }
      return names.contains("model.safetensors") ? ["model.safetensors"] : names
    } catch { throw .file(error) }
  }
}

/// The file `model.safetensors.index.json`: `{"metadata": ..., "weight_map": {name: file}}`.
enum SafetensorsIndex {
  /// The most bytes an index may have.
  static let byteLimit = 256 << 20

  /// Reads which file holds which tensor; every file name is a plain name.
  static func read(_ path: String) throws(SafetensorsError) -> [String: String] {
    let json: [UInt8]
    do { json = try DurableFile.read(path, limit: byteLimit) } catch { throw .file(error) }
    return try parse(json, file: path)
  }

  static func parse(_ json: [UInt8], file: String) throws(SafetensorsError) -> [String: String] {
    var map: [String: String]?
    for (bytes, value) in try JSONDocument(json, file: file).root.members(in: file)
    where bytes.elementsEqual("weight_map".utf8) {
      guard map == nil else { throw .duplicateName(file: file, name: "weight_map") }
      var entries: [String: String] = [:]
      for (bytes, value) in try value.members(in: file) {
        let tensor = String(decoding: bytes, as: UTF8.self)
        let name = try value.text(in: file)
        guard isPlainFileName(name) else {
          throw .unsafeFileName(file: file, tensor: tensor, name: name)
        }
        guard entries.updateValue(name, forKey: tensor) == nil else {
          throw .duplicateName(file: file, name: tensor)
        }
      }
      map = entries
    }
    guard let map else {
      throw .malformed(file: file, offset: json.count, expected: "a weight_map before the end")
    }
    return map
  }

  private static func isPlainFileName(_ name: String) -> Bool {
    name.hasSuffix(".safetensors") && name.utf8.count <= 255
      && !name.utf8.contains { $0 == UInt8(ascii: "/") || $0 == 0 }
  }
}
