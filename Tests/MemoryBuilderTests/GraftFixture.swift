import Digests
import Files
import Foundation
import MemoryBuilder
import MemoryTables
import Safetensors
import SeededRandom
import Storage
import TestCheckpoints

/// A list of seeded N-grams and vectors for them, in files of a scratch folder.
final class GraftFixture {
  let scratch: ScratchFolder
  /// In the list's order.
  let ngrams: [[Int32]]
  let width: Int
  /// [N-grams, width].
  let values: [Float]

  var listPath: String { scratch("ngrams.jsonl") }
  var vectorsPath: String { scratch("vectors.safetensors") }
  var storePath: String { scratch("store") }

  init(count: Int = 200, width: Int = 24, vocabulary: Int32 = 50) throws {
    scratch = try ScratchFolder()
    self.width = width
    var generator = SeededGenerator(seed: 17)
    var seen: Set<[Int32]> = []
    var ngrams: [[Int32]] = []
    while ngrams.count < count {
      let ngram = (0..<Int.random(in: 1...3, using: &generator)).map { _ in
        Int32.random(in: 0..<vocabulary, using: &generator)
      }
      if seen.insert(ngram).inserted { ngrams.append(ngram) }
    }
    self.ngrams = ngrams
    values = (0..<count * width).map { _ in Float.random(in: -3...3, using: &generator) }
    try writeList(lines())
    try writeVectors()
  }

  func header(_ count: Int? = nil) -> String {
    "{\"format\":\"engram-ngrams\",\"version\":1,\"tokens\":\"raw\",\"vocabulary\":50,"
      + "\"ngrams\":\(count ?? ngrams.count)}"
  }

  func lines() -> [String] {
    [header()]
      + ngrams.enumerated().map {
        "{\"count\":\(1000 - $0),\"text\":\"\\u00e9\",\"tokens\":[\($1.map(String.init).joined(separator: ","))]}"
      }
  }

  func writeList(_ lines: [String]) throws {
    try DurableFile.write(lines.map { $0 + "\n" }.joined(), to: listPath)
  }

  /// - Parameter change: changes the numbers that are written.
  func writeVectors(
    type: TensorType = .f32, rows: Int? = nil, metadata: [String: String]? = nil,
    _ change: (inout [Float]) -> Void = { _ in }
  ) throws {
    var numbers = values
    change(&numbers)
    let rows = rows ?? ngrams.count
    numbers = Array((numbers + numbers).prefix(rows * width))
    let digest = SHA256Digest(of: String(decoding: try DurableFile.read(listPath), as: UTF8.self))
    let writer = try SafetensorsWriter(
      creating: vectorsPath,
      tensors: [TensorDeclaration(name: "vectors", type: type, shape: [rows, width])],
      metadata: metadata ?? ["ngrams": digest.description, "layer": "2"])
    let bytes: [UInt8] =
      switch type {
      case .f16:
        numbers.flatMap { withUnsafeBytes(of: Float16($0).bitPattern.littleEndian, Array.init) }
      case .bf16:
        numbers.flatMap {
          withUnsafeBytes(of: UInt16($0.bitPattern >> 16).littleEndian, Array.init)
        }
      case .f64:
        numbers.flatMap { withUnsafeBytes(of: Double($0).bitPattern.littleEndian, Array.init) }
      case .f32: numbers.flatMap { withUnsafeBytes(of: $0.bitPattern.littleEndian, Array.init) }
      default: [UInt8](repeating: 0, count: numbers.count * type.byteCount)
      }
    try bytes.withUnsafeBytes { try writer.append($0, to: "vectors") }
    try writer.finish()
  }

  @discardableResult
  func load(
    _ codec: RowCodec = .float32, change: (inout TableGraft) -> Void = { _ in }
  ) throws
    -> Table
  {
    var graft = TableGraft(name: "g", list: try GraftList(readingFrom: listPath))
    graft.codec = codec
    change(&graft)
    let store = try Store(path: storePath, mode: .writing)
    _ = try graft.run(from: SafetensorsFile(path: vectorsPath), into: store)
    return try Table(TableReference(name: "g"), in: store)
  }

  /// How many versions are published, and that nothing else is left.
  func published() throws -> Int {
    guard DurableFile.isFolder(storePath) else { return 0 }
    let store = try Store(path: storePath, mode: .reading)
    let debris = try DurableFile.names(in: storePath + "/tmp")
    let tables = try store.publishedTables()
    return debris.isEmpty ? tables.count : -1
  }
}
