import MetadataColumns
import PassageIndex
import Terms

/// What a document is called, from its metadata and its text.
struct DocumentNames {
  /// The record's own id where it has one.
  let id: String?
  /// Its `path`, else its `url`, else its id, else its number.
  let source: String
  private let title: String?

  init(_ segment: Segment, document: Int, sample: Int) throws {
    func value(_ field: String) throws -> String? {
      try segment.metadata.values(of: field, document: document).first
    }
    id = try value("id")
    source = try value("path") ?? value("url") ?? id ?? "sample \(sample)"
    title = try value("title")
  }

  /// Its `title`, else its text's first heading, else the last part of where it came from.
  func title(of text: UnsafeRawBufferPointer) -> String {
    if let title { return title }
    if let heading = DocumentTitle.heading(of: text) {
      return String(decoding: text[heading], as: UTF8.self)
    }
    return source.split(separator: "/").last.map(String.init) ?? source
  }
}
