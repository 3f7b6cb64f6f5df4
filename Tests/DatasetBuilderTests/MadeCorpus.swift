import Datasets
import Files
import Foundation
import SeededRandom
import Storage
import TestCheckpoints

@testable import DatasetBuilder

/// A folder of small text files of known content, and a store beside it.
struct MadeCorpus {
  let scratch: ScratchFolder
  var folder: String { scratch("corpus") }
  var store: String { scratch("store") }

  /// - Parameter files: how many, of 0 to 8 KB each.
  init(files: Int, seed: UInt64 = 1) throws {
    scratch = try ScratchFolder()
    var random = SeededGenerator(seed: seed)
    for number in 0..<files {
      try write(number, Self.text(&random))
    }
  }

  func name(_ number: Int) -> String { "part\(number % 7)/file\(number).txt" }

  func write(_ number: Int, _ text: String) throws {
    let path = folder + "/" + name(number)
    try FileManager.default.createDirectory(
      atPath: URL(fileURLWithPath: path).deletingLastPathComponent().path,
      withIntermediateDirectories: true)
    try Data(text.utf8).write(to: URL(fileURLWithPath: path))
  }

  static func text(_ random: inout SeededGenerator) -> String {
    let words = Int.random(in: 0...1200, using: &random)
    return (0..<words).map { _ in
      ["memory", "table", "Zeile", "文档", "row", "\(Int.random(in: 0...9999, using: &random))"][
        Int.random(in: 0..<6, using: &random)]
    }.joined(separator: " ")
  }

  /// Small chunks, so that a small corpus has many.
  var ingest: Ingest {
    var ingest = Ingest(paths: [folder], dataset: "corpus")
    ingest.storage.chunkBytes = 64 << 10
    return ingest
  }

  @discardableResult
  func run(
    _ ingest: Ingest, _ progress: (Ingest.Progress) throws -> Void = { _ in }
  ) throws -> IngestReport {
    try ingest.run(into: try Store(path: store, mode: .writing), progress: progress)
  }

  /// The texts of a version by path, as they can be read.
  func texts(_ reference: String = "corpus") throws -> [String: String] {
    let dataset = try Dataset(
      DatasetReference(parsing: reference), in: Store(path: store, mode: .reading))
    let reader = SampleReader(dataset)
    var texts: [String: String] = [:]
    for number in 0..<dataset.count {
      try reader.withDocument(number) { text, metadata in
        let object =
          try JSONSerialization.jsonObject(with: Data(metadata)) as? [String: Any]
        texts[object?["path"] as? String ?? "?"] = String(decoding: text, as: UTF8.self)
      }
    }
    return texts
  }

  /// What the files hold, by path.
  func files() throws -> [String: String] {
    var found: [String: String] = [:]
    let walk = FileManager.default.enumerator(atPath: folder)
    while let name = walk?.nextObject() as? String {
      let path = folder + "/" + name
      guard DurableFile.size(of: path) != nil else { continue }
      found[name] = String(decoding: try DurableFile.read(path), as: UTF8.self)
    }
    return found
  }
}
