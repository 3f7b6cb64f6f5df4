import Datasets
import Foundation
import PassageIndex
import Samples
import Terms

extension SearchIndex {
  /// Reads a passage's text, title and source.
  func passage(
    segment number: Int, passage: Int, sample: Int, ordinal: Int, score: Double
  ) throws -> Passage {
    let segment = segments[number].segment
    let range = try segment.range(ofPassage: passage)
    let document = segment.document(ofPassage: passage)
    let names = try DocumentNames(segment, document: document, sample: sample)
    return try withText(ofSample: sample) { text in
      guard range.upperBound <= text.count else {
        throw RetrievalError.corrupt(
          path: segment.folder, reason: "a passage lies outside of its document")
      }
      return Passage(
        dataset: DatasetReference(name: manifest.dataset, version: manifest.version),
        sample: sample, ordinal: ordinal, range: range,
        title: names.title(of: text), source: names.source, id: names.id, score: score,
        text: String(decoding: text[range], as: UTF8.self))
    }
  }

  private func withText<R>(
    ofSample number: Int, _ body: (UnsafeRawBufferPointer) throws -> R
  ) throws -> R {
    try withReader { reader in
      try reader.withText(number) { text, _ in try body(text) }
    }
  }
}
