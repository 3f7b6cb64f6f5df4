import Files
import Samples

/// A folder of MosaicML streaming shards (version 2, not compressed) with its index.
///
/// Columns: `id`, `text` and `metadata` of documents, the metadata all of it; `tokens` (and
/// `starts`, where samples have boundaries); `bytes`.
final class MDSFolderWriter: CorpusWriter {
  private struct Column {
    let name: String
    let encoding: String
  }

  private let folder: OutputFolder
  private let form: WrittenForm
  private let columns: [Column]
  private let configuration: [UInt8]
  private var samples: [UInt8] = []
  private var ends: [Int] = []
  private var shards: [String] = []

  private let shardBytes: Int
  private static let sampleLimit = 1 << 31

  /// - Parameter shardBytes: about the most bytes of a shard; a larger sample is one alone.
  init(
    _ path: String, _ form: WrittenForm, overwrite: Bool, shardBytes: Int = 1 << 26
  ) throws {
    self.form = form
    self.shardBytes = shardBytes
    // In the order of their names, as the format's own writer has them.
    switch form {
    case .document:
      columns = [
        Column(name: "id", encoding: "str"), Column(name: "metadata", encoding: "json"),
        Column(name: "text", encoding: "str"),
      ]
    case .tokens(let layout):
      let tokens = Column(
        name: "tokens", encoding: layout.width == 2 ? "ndarray:uint16" : "ndarray:uint32")
      columns =
        layout.hasBoundaries ? [Column(name: "starts", encoding: "json"), tokens] : [tokens]
    case .bytes: columns = [Column(name: "bytes", encoding: "bytes")]
    }
    let members = Self.members(columns, shardBytes).map { "\"\($0)\": \($1)" }
    configuration = Array("{\(members.joined(separator: ", "))}".utf8)
    folder = try OutputFolder(path, format: .mds, overwrite: overwrite)
  }

  func append(_ sample: UnsafeRawBufferPointer, number: Int) throws {
    guard sample.count < Self.sampleLimit else {
      throw CorpusWriterError.sample(
        number: number, path: folder.path,
        reason: "it has \(sample.count) bytes, shards hold fewer than 2 GiB")
    }
    let size = samples.count + sample.count + 4 * (ends.count + 2) + configuration.count
    if size > shardBytes, !ends.isEmpty { try writeShard() }
    switch form {
    case .document: try appendDocument(sample, number)
    case .tokens(let layout): try appendTokens(sample, layout, number)
    case .bytes:
      put(sample.count)
      samples.append(contentsOf: sample)
    }
    ends.append(samples.count)
  }

  func finish() throws {
    if !ends.isEmpty || shards.isEmpty { try writeShard() }
    let index = "{\"shards\": [\(shards.joined(separator: ", "))], \"version\": 2}"
    try DurableFile.write(index, to: folder.temporary + "/index.json")
    try folder.finish()
  }

  private func appendDocument(_ sample: UnsafeRawBufferPointer, _ number: Int) throws {
    let document = try WrittenDocument(sample, number: number, path: folder.path)
    var id = Array("\(number)".utf8)
    if let value = document.value("id") {
      // A string is its text, anything else the JSON that it is.
      let json = Array(value)
      let text = json.first == UInt8(ascii: "\"") ? JSONString.text(json) : json
      guard let text else {
        throw CorpusWriterError.sample(
          number: number, path: folder.path, reason: "its id is no JSON string")
      }
      id = text
    }
    put(id.count)
    put(document.metadata.count)
    put(document.text.count)
    samples.append(contentsOf: id)
    samples.append(contentsOf: document.metadata)
    samples.append(contentsOf: document.text)
  }

  private func appendTokens(
    _ sample: UnsafeRawBufferPointer, _ layout: TokenLayout, _ number: Int
  ) throws {
    let tokens = try WrittenTokens(sample, layout, number: number, path: folder.path)
    let starts = "[\(tokens.starts.map(String.init).joined(separator: ", "))]"
    if layout.hasBoundaries { put(starts.utf8.count) }
    // One dimension, its size in 4 bytes, then the ids.
    put(5 + tokens.ids.count)
    if layout.hasBoundaries { samples.append(contentsOf: starts.utf8) }
    samples.append(1 << 2 | 2)
    put(tokens.count)
    samples.append(contentsOf: tokens.ids)
  }

  private func put(_ number: Int) {
    withUnsafeBytes(of: UInt32(number).littleEndian) { samples.append(contentsOf: $0) }
  }

  private func writeShard() throws {
    let digits = String(shards.count)
    let name = "shard.\(String(repeating: "0", count: max(0, 5 - digits.count)))\(digits).mds"
    let start = 4 * (ends.count + 2) + configuration.count
    guard start + samples.count <= Int(UInt32.max) else {
      throw CorpusWriterError.sample(
        number: ends.count, path: folder.path, reason: "its shard would be over 4 GiB")
    }
    var head: [UInt8] = []
    for number in [ends.count, start] + ends.map({ start + $0 }) {
      withUnsafeBytes(of: UInt32(number).littleEndian) { head.append(contentsOf: $0) }
    }
    head += configuration
    let writer = try FileWriter(creating: folder.temporary + "/" + name)
    try head.withUnsafeBytes { try writer.append($0) }
    try samples.withUnsafeBytes { try writer.append($0) }
    try writer.finish()
    let file = "{\"basename\": \"\(name)\", \"bytes\": \(writer.count), \"hashes\": {}}"
    let members =
      Self.members(columns, shardBytes) + [
        ("raw_data", file), ("samples", "\(ends.count)"), ("zip_data", "null"),
      ]
    let sorted = members.sorted { $0.0 < $1.0 }.map { "\"\($0)\": \($1)" }
    shards.append("{\(sorted.joined(separator: ", "))}")
    samples.removeAll(keepingCapacity: true)
    ends.removeAll(keepingCapacity: true)
  }

  /// What a shard and its line in the index say alike.
  private static func members(_ columns: [Column], _ shardBytes: Int) -> [(String, String)] {
    func list(_ values: [String]) -> String { "[\(values.joined(separator: ", "))]" }
    return [
      ("column_encodings", list(columns.map { "\"\($0.encoding)\"" })),
      ("column_names", list(columns.map { "\"\($0.name)\"" })),
      ("column_sizes", list(columns.map { _ in "null" })),
      ("compression", "null"), ("format", "\"mds\""), ("hashes", "[]"),
      ("size_limit", "\(shardBytes)"), ("version", "2"),
    ]
  }
}
