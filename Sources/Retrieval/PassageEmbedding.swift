import PassageIndex
import StaticEmbeddings
import Storage
import VectorIndex

/// Makes the vectors of a segment's passages with a model, on several threads: of each the vector of
/// its text and that of its document's title, added.
struct PassageEmbedding {
  let model: StaticEmbedding
  let part: IndexWork.Part
  let work: IndexWork

  /// Documents that a thread takes at once, and how many such portions are in memory.
  private static let documents = 64
  private static let portions = 64

  /// Writes them; returns their folder.
  func write(_ ticker: ProgressTicker) throws -> String {
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
  private func embed(_ documents: Range<Int>, _ ticker: ProgressTicker) throws -> [[Float]] {
    let texts = SampleText(work.dataset, tokenizer: work.builder.tokenizer)
    var vectors: [[Float]] = []
    for document in documents {
      let passages = part.segment.passages(ofDocument: document)
      guard part.isAlive(document) else {
        vectors += repeatElement(
          [Float](repeating: 0, count: model.dimensions), count: passages.count)
        continue
      }
      let sample = Int(part.samples[document])
      let names = try DocumentNames(part.segment, document: document, sample: sample)
      try texts.withText(sample) { text, _ in
        let title = unit(try model.embed(names.title(of: text)))
        for passage in passages {
          let range = try part.segment.range(ofPassage: passage)
          guard range.upperBound <= text.count else {
            throw RetrievalError.corrupt(
              path: part.segment.folder, reason: "a passage lies outside of its document")
          }
          let own = unit(try model.embed(String(decoding: text[range], as: UTF8.self)))
          vectors.append(zip(own, title).map(+))
        }
      }
      try ticker.advance(by: passages.count)
    }
    return vectors
  }

  /// A vector of length one, or zeros.
  private func unit(_ vector: [Float]) -> [Float] {
    let length = vector.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
    return length > 0 ? vector.map { Float(Double($0) / length) } : vector
  }
}
