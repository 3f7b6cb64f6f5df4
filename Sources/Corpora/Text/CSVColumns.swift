/// The columns of a table: which is the text, and how the others become metadata.
struct CSVColumns {
  /// The text's column.
  let text: Int
  private let names: [[UInt8]]
  private let members: [Member]

  /// One member of the metadata.
  private struct Member {
    /// The name and a colon, as JSON.
    var head: [UInt8]
    var value: Value

    enum Value {
      case column(Int)
      case made([UInt8])
      case fallbackID
    }
  }

  /// - Parameter row: the first one.
  /// - Throws: `BinaryFault` where columns have no or the same names, or none is the text.
  init(_ row: CSVRows.Row, _ options: CorpusOptions) throws {
    if let fault = row.fault { throw BinaryFault("the row of column names: \(fault)") }
    let names = row.ends.indices.map { Array(row.bytes[row.field($0)]) }
    for name in names where UTF8Check.firstFault(in: name) != nil {
      throw BinaryFault("the name of column \(oneLine(name)) is not UTF-8")
    }
    guard Set(names).count == names.count else {
      throw BinaryFault("two columns have the same name; give each its own")
    }
    guard let text = names.firstIndex(of: Array(options.textField.utf8)) else {
      let shown = names.prefix(20).map { oneLine($0) }.joined(separator: ", ")
      throw BinaryFault(
        "it has no column \(options.textField); name one of these with --text-field: \(shown)")
    }
    self.text = text
    self.names = names

    var values: [[UInt8]: Member.Value] = [:]
    for (index, name) in names.enumerated() where index != text { values[name] = .column(index) }
    let id = Array("id".utf8)
    if let field = options.idField.map({ Array($0.utf8) }), field != id,
      let column = values.removeValue(forKey: field)
    {
      values[id] = column
    } else if values[id] == nil {
      values[id] = .fallbackID
    }
    let language = Array("language".utf8)
    if let hint = options.languageHint, values[language] == nil {
      values[language] = .made(JSONText.quoted(hint.utf8))
    }
    members = values.sorted { $0.key.lexicographicallyPrecedes($1.key) }.map {
      Member(head: JSONText.quoted($0.key) + [UInt8(ascii: ":")], value: $0.value)
    }
  }

  /// Why a row does not fit the columns.
  func fault(of row: CSVRows.Row) -> String? {
    guard row.ends.count == names.count else {
      return "it has \(row.ends.count) fields, the row of column names \(names.count)"
    }
    for index in names.indices {
      do {
        _ = try UTF8Span(validating: row.bytes.span.extracting(row.field(index)))
      } catch {
        return "its field \(oneLine(names[index])) is not UTF-8 at byte"
          + " \(error.byteOffsets.lowerBound)"
      }
    }
    return nil
  }

  /// The metadata of a row that fits: one JSON object.
  func metadata(of row: CSVRows.Row, fallbackID: () -> String) -> [UInt8] {
    var bytes = [UInt8(ascii: "{")]
    for (index, member) in members.enumerated() {
      if index > 0 { bytes.append(UInt8(ascii: ",")) }
      bytes.append(contentsOf: member.head)
      switch member.value {
      case .column(let column):
        row.bytes[row.field(column)].withUnsafeBytes { JSONText.append($0, to: &bytes) }
      case .made(let json): bytes.append(contentsOf: json)
      case .fallbackID: bytes.append(contentsOf: JSONText.quoted(fallbackID().utf8))
      }
    }
    bytes.append(UInt8(ascii: "}"))
    return bytes
  }
}
