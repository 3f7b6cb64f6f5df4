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
    let metadata = segment.metadata
    func value(_ field: String) throws -> String? {
      try metadata.values(of: field, document: document).first
    }
    let id = try value("id")
    let source = try value("path") ?? value("url") ?? id ?? "sample \(sample)"
    let title = try value("title")
    return try withText(ofSample: sample) { text in
      guard range.upperBound <= text.count else {
        throw RetrievalError.corrupt(
          path: segment.folder, reason: "a passage lies outside of its document")
      }
      return Passage(
        dataset: DatasetReference(name: manifest.dataset, version: manifest.version),
        sample: sample, ordinal: ordinal, range: range,
        title: title ?? Self.title(of: text, source: source), source: source, id: id,
        score: score,
        text: String(decoding: text[range], as: UTF8.self))
    }
  }

  /// The first heading of a text, else the last part of where it came from.
  private static func title(of text: UnsafeRawBufferPointer, source: String) -> String {
    if let heading = DocumentTitle.heading(of: text) {
      return String(decoding: text[heading], as: UTF8.self)
    }
    return source.split(separator: "/").last.map(String.init) ?? source
  }

  private func withText<R>(
    ofSample number: Int, _ body: (UnsafeRawBufferPointer) throws -> R
  ) throws -> R {
    try withReader { reader in
      try reader.withText(number) { text, _ in try body(text) }
    }
  }
}
