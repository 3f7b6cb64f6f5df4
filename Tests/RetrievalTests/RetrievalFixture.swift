import Datasets
import Files
import Foundation
import Questions
import Samples
import SeededRandom
import Storage
import TestCheckpoints

@testable import Retrieval

/// A store of its own with datasets of made-up documents.
final class RetrievalFixture {
  let scratch: ScratchFolder
  var path: String { scratch("store") }

  init() throws { scratch = try ScratchFolder() }

  /// A document: metadata and text.
  struct Document: Hashable {
    var metadata: String
    var text: String
  }

  func store(_ mode: Store.Mode = .reading) throws -> Store { try Store(path: path, mode: mode) }

  /// Publishes a version of a dataset.
  @discardableResult
  func publish(_ documents: [Document], as name: String = "d") throws -> DatasetVersion {
    var storage = DatasetWriter.Storage()
    storage.chunkBytes = 64 << 10
    let writer = try DatasetWriter(
      name, kind: .document, tokens: nil, storage: storage, threads: 1, in: store(.writing))
    defer { writer.close() }
    for document in documents {
      var bytes: [UInt8] = []
      DocumentSample.append(
        metadata: document.metadata.utf8, text: document.text.utf8, to: &bytes)
      _ = try bytes.withUnsafeBytes { try writer.append($0) }
    }
    return try writer.publish(message: "", source: .init(kind: "test", inputs: []), tokenizer: nil)
  }

  /// Builds an index.
  @discardableResult
  func build(
    _ reference: String = "d", options: IndexOptions = IndexOptions(passageTokens: 20),
    threads: Int = 2, vectors: IndexVectors? = nil, isFresh: Bool = false,
    progress: @escaping IndexBuilder.Progress = { _ in }
  ) throws -> IndexBuilder.Result {
    try IndexBuilder(
      store: store(.writing), options: options, resources: .init(threads: threads, memory: 0),
      progress: progress
    ).build(DatasetReference(parsing: reference), vectors: vectors, isFresh: isFresh)
  }

  func index(_ reference: String = "d") throws -> SearchIndex {
    try SearchIndex(DatasetReference(parsing: reference), in: store())
  }

  func answer(
    _ question: String, _ references: [String] = ["d"], limit: Int = 10, perDocument: Int = 0,
    where conditions: [String] = []
  ) throws -> [Passage] {
    try Self.answer(
      question, Search(references.map { try index($0) }), limit: limit, perDocument: perDocument,
      where: conditions)
  }

  static func answer(
    _ question: String, _ search: Search, limit: Int = 10, perDocument: Int = 0,
    where conditions: [String] = []
  ) throws -> [Passage] {
    try search.answer(
      SearchRequest(
        question: Question(parsing: question), limit: limit, perDocument: perDocument,
        conditions: conditions.map { try Condition(parsing: $0) })
    ).passages()
  }

  /// Documents of words, frequent ones much more frequent than rare ones.
  static func documents(_ count: Int, seed: UInt64) -> [Document] {
    var random = SeededGenerator(seed: seed)
    return (0..<count).map { number in
      let text = (0..<Int.random(in: 0...120, using: &random)).map { index in
        let rank = Int(exp(Double.random(in: 0..<6, using: &random)))
        return "w\(rank)" + (index % 17 == 16 ? ".\n\n" : "")
      }.joined(separator: " ")
      return Document(
        metadata: "{\"id\":\"doc-\(number)\",\"year\":\(2000 + number % 20)}", text: text)
    }
  }
}

/// What of a passage does not depend on how its index was made.
struct PlainPassage: Hashable {
  var sample: Int
  var range: Range<Int>
  var score: Double
  var text: String

  init(_ passage: Passage) {
    sample = passage.sample
    range = passage.range
    score = passage.score
    text = passage.text
  }
}
