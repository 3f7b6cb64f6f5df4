import Datasets
import Foundation
import PassageIndex
import Samples
import Terms

extension SearchIndex {
  /// Reads a passage's text, title and source.
  func passage(
    segment: Int, passage: Int, sample: Int, ordinal: Int, score: Double
  ) throws -> Passage {
    let document = segments[segment].segment.document(ofPassage: passage)
    return try withDocument(segment: segment, document: document, sample: sample) {
      try $0.passage(passage, ordinal: ordinal, score: score)
    }
  }

  /// A document's text, read once, and what its passages are shown with.
  struct DocumentText {
    let dataset: DatasetReference
    let segment: Segment
    let sample: Int
    let names: DocumentNames
    let title: String
    let text: UnsafeRawBufferPointer

    /// One of its passages.
    func passage(_ passage: Int, ordinal: Int, score: Double) throws -> Passage {
      let range = try segment.range(ofPassage: passage)
      guard range.upperBound <= text.count else {
        throw RetrievalError.corrupt(
          path: segment.folder, reason: "a passage lies outside of its document")
      }
      return Passage(
        dataset: dataset, sample: sample, ordinal: ordinal, range: range, title: title,
        source: names.source, id: names.id, score: score,
        text: String(decoding: text[range], as: UTF8.self))
    }
  }

  /// Runs `body` with a document, whose text is valid during the call.
  func withDocument<R>(
    segment number: Int, document: Int, sample: Int, _ body: (DocumentText) throws -> R
  ) throws -> R {
    let segment = segments[number].segment
    let names = try DocumentNames(segment, document: document, sample: sample)
    return try withReader { reader in
      try reader.withText(sample) { text, _ in
        try body(
          DocumentText(
            dataset: DatasetReference(name: manifest.dataset, version: manifest.version),
            segment: segment, sample: sample, names: names, title: names.title(of: text), text: text
          ))
      }
    }
  }
}
