import Compression
import Samples

/// A table whose first row names the columns; a document a row.
final class CSVSource: RecordSource {
  private let unit: CorpusUnit
  private let options: CorpusOptions
  private let source: SourceFile
  private let rows: CSVRows
  private let columns: CSVColumns?
  private(set) var position: CorpusPosition

  init(_ unit: CorpusUnit, from position: CorpusPosition, options: CorpusOptions) throws {
    self.unit = unit
    self.options = options
    self.position = CorpusPosition(records: position.records)
    source = try unit.open()
    rows = try CSVRows(
      source, delimiter: UInt8(ascii: unit.format == .tsv ? "\t" : ","),
      limit: options.recordLimit)
    columns = try rows.nextRow().map { try CSVColumns($0, options) }
    for _ in 0..<position.records { _ = try rows.nextRow() }
  }

  var isUnchanged: Bool { source.isUnchanged }

  /// The row's number; the row of names is the first.
  var number: Int { position.records + 2 }

  func next(to bytes: inout [UInt8]) throws -> RecordOutcome {
    guard let columns, let row = try rows.nextRow() else { return .end }
    let number = number
    position.records += 1
    if let reason = row.fault ?? columns.fault(of: row) {
      return .bad(reason: reason, excerpt: row.bytes)
    }
    let text = row.bytes[row.field(columns.text)]
    guard text.count >= options.minimumBytes else {
      return .leftOut("fewer than \(options.minimumBytes) bytes")
    }
    let metadata = columns.metadata(of: row) { "\(unit.name):\(number)" }
    DocumentSample.append(metadata: metadata, text: text, to: &bytes)
    return .sample
  }
}
