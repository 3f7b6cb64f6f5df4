import Compression
import Samples

/// A file that is one document: exactly as it came in or, of an HTML file, what a reader sees.
final class TextSource: RecordSource {
  private let unit: CorpusUnit
  private let options: CorpusOptions
  private let source: SourceFile
  private(set) var position: CorpusPosition

  init(_ unit: CorpusUnit, from position: CorpusPosition, options: CorpusOptions) throws {
    self.unit = unit
    self.options = options
    self.position = position
    source = try unit.open()
  }

  var number: Int { 1 }
  var isUnchanged: Bool { source.isUnchanged }

  func nameOfLast(_ number: Int) -> Int? { nil }

  func next(to bytes: inout [UInt8]) throws -> RecordOutcome {
    guard position.records == 0 else { return .end }
    position.records = 1
    let isPlain = unit.compression == .none && unit.size >= 0
    let text = try source.readAll(
      limit: options.recordLimit, expected: isPlain ? unit.size : nil, path: unit.path)
    guard source.isUnchanged else { throw CompressionError.changed(path: unit.path) }
    var parts = DocumentParts(of: unit)
    parts.text = text
    if unit.format == .html, options.html == .text, let reason = parts.takeHTML(text) {
      return .bad(reason: reason, excerpt: text)
    }
    parts.complete(options, fallback: unit.name)
    return parts.append(options, to: &bytes)
  }
}

extension DocumentParts {
  /// The document that a file is.
  init(of unit: CorpusUnit) {
    self.init()
    _ = set("id".utf8, json: JSONText.quoted(unit.name.utf8))
    _ = set("path".utf8, json: JSONText.quoted(unit.name.utf8))
  }

  /// Takes the text of an HTML file, and its title as metadata.
  ///
  /// - Returns: why that cannot be.
  fileprivate mutating func takeHTML(_ file: [UInt8]) -> String? {
    if let offset = UTF8Check.firstFault(in: file) {
      return "it is not UTF-8 at byte \(offset); convert it, e.g. with iconv"
    }
    do throws(HTMLText.Refusal) {
      let page = try HTMLText(file)
      text = page.text
      if let title = page.title { _ = set("title".utf8, json: JSONText.quoted(title)) }
      return nil
    } catch {
      return error.reason
    }
  }
}
