import Digests
import Files
import Foundation
import PassageIndex
import StaticEmbeddings
import Storage
import VectorIndex

/// Where the vectors of an index's passages come from.
public struct IndexVectors: Sendable {
  enum Source: Sendable {
    /// A model makes them.
    case model(StaticEmbedding, folder: String)
    /// A user brings them, one for each passage in the dataset's order.
    case file(VectorFile)
  }

  let source: Source
  /// The model's identity, or the digest of the file.
  let identity: String

  /// Vectors made by a static embedding model.
  ///
  /// - Parameter folder: with `model.safetensors`, `tokenizer.json` and `config.json`.
  /// - Throws: `StaticEmbeddingError`.
  public static func embedding(folder: String) throws -> IndexVectors {
    let model = try StaticEmbedding(folder: folder)
    return IndexVectors(source: .model(model, folder: folder), identity: model.identity)
  }

  /// Vectors of the user's own.
  ///
  /// - Parameter path: `.npy` or `.safetensors`, shape [passages, dimensions].
  /// - Throws: `VectorIndexError`, `FileError`.
  public static func brought(path: String) throws -> IndexVectors {
    let file = try VectorFile(path: path)
    let mapped = try MappedFile(path: path, access: .sequential)
    defer { withExtendedLifetime(mapped) {} }
    return IndexVectors(
      source: .file(file), identity: SHA256Digest(of: mapped.bytes).description)
  }

  /// Whether an index has just these.
  func describes(_ source: IndexManifest.VectorSource?) -> Bool { source?.identity == identity }

  /// What a folder's checksums begin with.
  static func salt(_ id: String) -> String { "vectors/\(id)" }

  /// Makes the vectors of all segments that do not have them, and says so in the manifest.
  func add(to manifest: inout IndexManifest, parts: [IndexWork.Part], work: IndexWork) throws {
    let base = work.base.flatMap { describes($0.manifest.vectors) ? $0.manifest : nil }
    switch source {
    case .model(let model, let folder):
      manifest.vectors = .init(
        model: try base?.vectors?.model ?? Self.copy(folder, work),
        identity: identity, dimensions: model.dimensions)
      let ticker = try ProgressTicker(
        .embedding, total: manifest.passages, report: work.builder.progress)
      for (number, part) in parts.enumerated() {
        let known = part.baseNumber.flatMap { base?.segments[$0].vectors }
        manifest.segments[number].vectors =
          try known ?? PassageEmbedding(model: model, part: part, work: work).write(ticker)
      }
    case .file(let file):
      guard file.count == manifest.passages else {
        throw VectorIndexError.badVectors(
          path: file.path,
          reason: "it has \(file.count) rows, the index has \(manifest.passages) passages")
      }
      manifest.vectors = .init(model: nil, identity: identity, dimensions: file.dimensions)
      for (number, rows) in Self.rows(of: parts).enumerated() {
        manifest.segments[number].vectors = try Self.write(rows, of: file, work)
      }
    }
  }

  /// Takes a model's files into the store: questions need them.
  private static func copy(_ folder: String, _ work: IndexWork) throws -> String {
    let (id, path) = try work.newFolder()
    for name in ["model.safetensors", "tokenizer.json", "config.json"] {
      let file = try MappedFile(path: folder + "/" + name, access: .sequential)
      let writer = try FileWriter(creating: path + "/" + name)
      try writer.append(file.bytes)
      try writer.finish()
      withExtendedLifetime(file) {}
    }
    return id
  }

  /// For each part, the row of each of its passages; -1 of those that are gone.
  private static func rows(of parts: [IndexWork.Part]) -> [[Int]] {
    var documents: [(sample: UInt32, part: Int, document: Int)] = []
    for (number, part) in parts.enumerated() {
      for (document, sample) in part.samples.enumerated() where sample != SampleMatching.none {
        documents.append((sample, number, document))
      }
    }
    documents.sort { $0.sample < $1.sample }
    var rows = parts.map { [Int](repeating: -1, count: $0.segment.description.passages) }
    var row = 0
    for entry in documents {
      for passage in parts[entry.part].segment.passages(ofDocument: entry.document) {
        rows[entry.part][passage] = row
        row += 1
      }
    }
    return rows
  }

  private static func write(_ rows: [Int], of file: VectorFile, _ work: IndexWork) throws -> String
  {
    let (id, path) = try work.newFolder()
    let writer = try VectorIndexWriter(
      folder: path, salt: salt(id), dimensions: file.dimensions)
    let zero = [Float](repeating: 0, count: file.dimensions)
    let ticker = try ProgressTicker(.embedding, total: rows.count, report: work.builder.progress)
    for row in rows {
      try writer.append(row < 0 ? zero : file.vector(row))
      if writer.count % 1024 == 0 { try ticker.advance(by: 1024) }
    }
    try writer.finish { done, _ in try ticker.advance(by: 0) }
    return id
  }
}
