import Compression
import Files
import StrictJSON

/// The index of a folder of MosaicML streaming shards, version 2.
struct MDSIndex {
  /// A column of samples.
  struct Column: Hashable {
    var name: String
    var encoding: MDSEncoding
    var encodingName: String
  }

  /// A shard: which samples, in which file.
  struct Shard: Hashable {
    /// Its samples' numbers in the folder.
    var samples: Range<Int>
    /// The file's path below the folder, and its size, decompressed.
    var name: String
    var bytes: Int
    /// The compressed file, where there is one.
    var zipName: String?
    var zipBytes: Int
    var compression: CompressionFormat
    var columns: [Column]
  }

  let shards: [Shard]
  /// Samples of all shards.
  var samples: Int { shards.last?.samples.upperBound ?? 0 }

  /// The most bytes an index may have: some hundred thousand shards.
  static let limit = 1 << 27

  /// Reads `index.json` of a folder.
  init(folder: String) throws {
    let document: JSONDocument
    do {
      document = try JSONDocument(DurableFile.read(folder + "/index.json", limit: Self.limit))
    } catch let error as StrictJSONError {
      throw BinaryFault("its index.json is no JSON: \(error)")
    }
    let root = Fields(document.root)
    guard root["version"]?.integer == 2 else {
      throw BinaryFault("its index.json is not of version 2 of MosaicML streaming")
    }
    guard let list = root["shards"]?.elements else {
      throw BinaryFault("its index.json has no list of shards")
    }
    var shards: [Shard] = []
    var first = 0
    for (number, value) in list.enumerated() {
      let shard: Shard
      do { shard = try Self.shard(value, first: first) } catch {
        throw BinaryFault("shard \(number) of its index.json \(error.reason)")
      }
      first = shard.samples.upperBound
      shards.append(shard)
    }
    self.shards = shards
  }

  private static func shard(_ value: JSONValue, first: Int) throws(BinaryFault) -> Shard {
    let fields = Fields(value)
    guard fields["version"]?.integer == 2, fields["format"]?.text == "mds" else {
      throw BinaryFault("is not of format mds, version 2")
    }
    guard let samples = fields["samples"]?.integer, samples >= 0, samples < 1 << 32 else {
      throw BinaryFault("has no number of samples")
    }
    let raw = try file(fields["raw_data"], "raw_data")
    var shard = Shard(
      samples: first..<first + samples, name: raw.name, bytes: raw.bytes, zipBytes: 0,
      compression: .none, columns: try columns(fields))
    if let zip = fields["zip_data"], !zip.isNull {
      let found = try file(zip, "zip_data")
      let name = fields["compression"]?.text ?? ""
      guard let compression = Self.compression(name) else {
        throw BinaryFault(
          "is compressed with \(oneLine(name.utf8)), which is not read here; decompress it")
      }
      shard.zipName = found.name
      shard.zipBytes = found.bytes
      shard.compression = compression
    }
    return shard
  }

  /// A compression's name, perhaps with a level: `zstd:7`.
  private static func compression(_ name: String) -> CompressionFormat? {
    switch name.split(separator: ":").first {
    case "zstd": .zstd
    case "gz": .gzip
    case "bz2": .bzip2
    default: nil
    }
  }

  private static func file(
    _ value: JSONValue?, _ field: String
  ) throws(BinaryFault) -> (name: String, bytes: Int) {
    let fields = value.map(Fields.init)
    guard let name = fields?["basename"]?.text, let bytes = fields?["bytes"]?.integer, bytes >= 0,
      bytes <= Int(UInt32.max)
    else { throw BinaryFault("has no \(field) with a name and a size") }
    guard PathBelow.isSafe(name) else {
      throw BinaryFault(
        "is sent to \(oneLine(name.utf8)), which is no file in the folder; do not use this index")
    }
    return (name, bytes)
  }

  private static func columns(_ fields: Fields) throws(BinaryFault) -> [Column] {
    guard let names = fields["column_names"]?.elements,
      let encodings = fields["column_encodings"]?.elements,
      let sizes = fields["column_sizes"]?.elements, names.count == encodings.count,
      names.count == sizes.count
    else { throw BinaryFault("has no column_names, column_encodings and column_sizes") }
    var columns: [Column] = []
    var seen: Set<[UInt8]> = []
    for ((name, encoding), size) in zip(zip(names, encodings), sizes) {
      guard let bytes = name.string, let text = name.text, let kind = encoding.text else {
        throw BinaryFault("has a column without a name or an encoding")
      }
      guard seen.insert(Array(bytes)).inserted else {
        throw BinaryFault("has the column \(oneLine(text.utf8)) twice")
      }
      guard let known = MDSEncoding(kind) else {
        throw BinaryFault(
          "has the column \(oneLine(text.utf8)) of encoding \(oneLine(kind.utf8)), which is not "
            + "read here; write the folder again without it")
      }
      // The reader of the format takes 0 as no size.
      let fixed = size.integer == 0 ? nil : size.integer
      guard fixed == known.size, size.isNull || size.integer != nil else {
        throw BinaryFault(
          "gives the column \(oneLine(text.utf8)) a size that is not its encoding's")
      }
      columns.append(Column(name: text, encoding: known, encodingName: kind))
    }
    return columns
  }
}

/// The members of an object by name, the first where a name is there twice.
private struct Fields {
  private var values: [[UInt8]: JSONValue] = [:]

  init(_ value: JSONValue) {
    guard let members = value.members else { return }
    for (name, value) in members {
      if values[Array(name)] == nil { values[Array(name)] = value }
    }
  }

  subscript(name: String) -> JSONValue? { values[Array(name.utf8)] }
}
