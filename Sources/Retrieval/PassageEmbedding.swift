import PassageIndex
import StaticEmbeddings
import Storage
import VectorIndex

/// Makes the vectors of a segment's passages with a model, on several threads.
struct PassageEmbedding {
  let model: StaticEmbedding
  let part: IndexWork.Part
  let work: IndexWork

  /// Documents that a thread takes at once, and how many such portions are in memory.
  private static let documents = 64
  private static let portions = 64

  /// Writes them; returns their folder.
  func write(_ ticker: IndexTicker) throws -> String {
    let (id, path) = try work.newFolder()
    let writer = try VectorIndexWriter(
      folder: path, salt: IndexVectors.salt(id), dimensions: model.dimensions)
    let starts = Array(stride(from: 0, to: part.samples.count, by: Self.documents))
    for first in stride(from: 0, to: starts.count, by: Self.portions) {
      let some = starts[first..<min(starts.count, first + Self.portions)]
      let vectors = try Workers.map(some.count, threads: work.builder.resources.threads) {
        number, _ in
        let start = some[some.startIndex + number]
        return try embed(start..<min(part.samples.count, start + Self.documents), ticker)
      }
      for portion in vectors {
        for vector in portion { try writer.append(vector) }
      }
    }
    try writer.finish { _, _ in try ticker.advance(by: 0) }
    return id
  }

  /// The vectors of some documents' passages; zeros where a document is gone.
  private func embed(_ documents: Range<Int>, _ ticker: IndexTicker) throws -> [[Float]] {
    let texts = SampleText(work.dataset, tokenizer: work.builder.tokenizer)
    var vectors: [[Float]] = []
    for document in documents {
      let passages = part.segment.passages(ofDocument: document)
      guard part.isAlive(document) else {
        vectors += repeatElement(
          [Float](repeating: 0, count: model.dimensions), count: passages.count)
        continue
      }
      try texts.withText(Int(part.samples[document])) { text, _ in
        for passage in passages {
          let range = try part.segment.range(ofPassage: passage)
          guard range.upperBound <= text.count else {
            throw RetrievalError.corrupt(
              path: part.segment.folder, reason: "a passage lies outside of its document")
          }
          vectors.append(try model.embed(String(decoding: text[range], as: UTF8.self)))
        }
      }
      try ticker.advance(by: passages.count)
    }
    return vectors
  }
}
