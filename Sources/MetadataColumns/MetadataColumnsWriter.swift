import Storage
import StrictJSON

/// Writes the metadata of a segment's documents, column by column. One thread at a time.
///
///     let writer = try MetadataColumnsWriter(creating: path, salt: salt)
///     try writer.add(json)  // for each document, in order
///     try writer.finish()
///
/// Members of nested objects have names with dots (`author.name`); the elements of arrays are values
/// of their member; null is no value. All columns are in memory until the end: the different values,
/// and 8 bytes for each that a document has.
package final class MetadataColumnsWriter {
  /// Documents so far.
  package private(set) var documents = 0
  /// Members that were ignored, as there were too many names or theirs was too long.
  package private(set) var ignored = 0
  private let file: CheckedFileWriter
  private var numbers: [[UInt8]: Int] = [:]
  private var columns: [ColumnBuilder] = []

  /// Creates the file.
  package init(creating path: String, salt: String) throws {
    file = try CheckedFileWriter(creating: path, salt: salt)
  }

  /// Adds a document.
  ///
  /// - Parameter metadata: a JSON object; anything else counts as one without members.
  /// - Throws: `MetadataColumnsError.tooMany`.
  package func add(_ metadata: UnsafeRawBufferPointer) throws {
    let document = try nextDocument()
    guard !metadata.isEmpty, let json = try? JSONDocument(Array(metadata)) else { return }
    guard json.root.members != nil else { return }
    try add(json.root, name: [], document)
  }

  /// Adds a document of another file.
  package func add(from columns: MetadataColumns, document: Int) throws {
    let number = try nextDocument()
    for column in columns.columns {
      for value in try columns.values(of: column, document: document) {
        try append(value, column.name, number)
      }
    }
  }

  private func nextDocument() throws -> UInt32 {
    guard documents < MetadataColumnsFormat.documentLimit else {
      throw MetadataColumnsError.tooMany(
        what: "documents", limit: MetadataColumnsFormat.documentLimit)
    }
    documents += 1
    return UInt32(documents - 1)
  }

  private func add(_ value: JSONValue, name: [UInt8], _ document: UInt32) throws {
    if let members = value.members {
      for (member, value) in members {
        let path = name.isEmpty ? Array(member) : name + [UInt8(ascii: ".")] + member
        try add(value, name: path, document)
      }
    } else if let elements = value.elements {
      for element in elements { try add(element, name: name, document) }
    } else if let scalar = MetadataValue(value) {
      try append(scalar, name, document)
    }
  }

  private func append(_ value: MetadataValue, _ name: [UInt8], _ document: UInt32) throws {
    let number: Int
    if let known = numbers[name] {
      number = known
    } else if columns.count < MetadataColumnsFormat.fieldLimit,
      name.count <= MetadataColumnsFormat.nameLimit
    {
      number = columns.count
      numbers[name] = number
      columns.append(ColumnBuilder())
    } else {
      ignored += 1
      return
    }
    guard columns[number].documents.count < MetadataColumnsFormat.entryLimit else {
      throw MetadataColumnsError.tooMany(
        what: "values of a field", limit: MetadataColumnsFormat.entryLimit)
    }
    columns[number].append(value, document: document)
  }

  /// Writes everything and flushes it to the disk.
  package func finish() throws {
    let names = numbers.keys.sorted { $0.lexicographicallyPrecedes($1) }
    let namesStart =
      MetadataColumnsFormat.headerBytes + MetadataColumnsFormat.recordBytes * names.count
    var header = MetadataColumnsFormat.magic
    header.append(integer: MetadataColumnsFormat.version)
    header.append(integer: UInt32(names.count))
    header.append(integer: UInt64(documents))
    header.append(integer: UInt64(ignored))
    var name = namesStart
    var start = MetadataColumnsFormat.roundedUp(namesStart + names.reduce(0) { $0 + $1.count })
    var encoded: [EncodedColumn] = []
    for bytes in names {
      let column = EncodedColumn(columns[numbers[bytes]!])
      column.appendRecord(to: &header, name: name, nameBytes: bytes.count, start: start)
      name += bytes.count
      start += column.byteCount
      encoded.append(column)
    }
    for bytes in names { header += bytes }
    header += [UInt8](
      repeating: 0, count: MetadataColumnsFormat.roundedUp(header.count) - header.count)
    try file.append(header)
    for column in encoded { try column.write(to: file) }
    try file.finish()
  }
}
