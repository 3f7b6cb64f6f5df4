import Compression
import Samples

/// An HTML file that is one document: what a reader sees of it, or the file as it is.
final class HTMLSource: RecordSource {
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
    let file = try source.readAll(limit: options.recordLimit, path: unit.path)
    guard source.isUnchanged else { throw CompressionError.changed(path: unit.path) }
    var parts = DocumentParts(of: unit)
    switch options.html {
    case .raw: parts.text = file
    case .text:
      if let offset = UTF8Check.firstFault(in: file) {
        return .bad(
          reason: "it is not UTF-8 at byte \(offset); convert it, e.g. with iconv", excerpt: file)
      }
      let page: HTMLText
      do throws(HTMLText.Refusal) { page = try HTMLText(file) } catch {
        return .bad(reason: error.reason, excerpt: file)
      }
      parts.text = page.text
      if let title = page.title { _ = parts.set("title".utf8, json: JSONText.quoted(title)) }
    }
    parts.complete(options, fallback: unit.name)
    return parts.append(options, to: &bytes)
  }
}
