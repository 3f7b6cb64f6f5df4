import Compression
import StrictJSON

/// A folder of MosaicML streaming shards, known by its index.
enum MDSFolder {
  /// The index's name.
  static let index = Array("index.json".utf8)

  /// The bytes of a folder's shards, `nil` where its index lists none: then it is any folder.
  static func size(of folder: SystemPath, _ names: [[UInt8]]) -> Int? {
    let path = folder.appending(index)
    guard let status = try? path.status(), status.isFile,
      let source = try? SourceFile(path: path.text, systemPath: path.bytesIfNotText),
      let bytes = try? source.readAll(limit: 256 << 20),
      let members = (try? JSONDocument(bytes))?.root.members,
      members.contains(where: { $0.name.elementsEqual("shards".utf8) && $0.value.elements != nil })
    else { return nil }
    return names.reduce(0) { sum, name in
      guard let status = try? folder.appending(name).status(), status.isFile else { return sum }
      return sum &+ Int(status.st_size)
    }
  }
}
