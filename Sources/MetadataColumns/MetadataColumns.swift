import Storage

/// The metadata of a segment's documents, column by column, in a mapped file whose pages are checked
/// when they are first touched. Safe to use from any number of threads at once.
package final class MetadataColumns: Sendable {
  /// Documents of the segment.
  package let documents: Int
  /// Members that the file has no column for.
  package let ignored: Int
  let columns: [MetadataColumn]
  let file: CheckedFile
  private let numbers: [[UInt8]: Int]

  /// Opens a file.
  ///
  /// - Throws: `StorageError.corruptFile`, `FileError`.
  package init(path: String, salt: String) throws {
    let file = try CheckedFile(path: path, salt: salt)
    self.file = file
    func corrupt(_ reason: String) -> StorageError { .corruptFile(path: path, reason: reason) }
    guard file.count >= MetadataColumnsFormat.headerBytes else {
      throw corrupt("it is too short for metadata")
    }
    let header = try file.bytes(0..<MetadataColumnsFormat.headerBytes)
    guard header[0..<8].elementsEqual(MetadataColumnsFormat.magic) else {
      throw corrupt("it has no metadata")
    }
    let version = UInt32(littleEndian: header.loadUnaligned(fromByteOffset: 8, as: UInt32.self))
    guard version == MetadataColumnsFormat.version else {
      throw corrupt("its metadata is of version \(version), which is not known")
    }
    let count = Int(
      UInt32(littleEndian: header.loadUnaligned(fromByteOffset: 12, as: UInt32.self)))
    let documents = UInt64(
      littleEndian: header.loadUnaligned(fromByteOffset: 16, as: UInt64.self))
    let ignored = UInt64(littleEndian: header.loadUnaligned(fromByteOffset: 24, as: UInt64.self))
    guard count <= MetadataColumnsFormat.fieldLimit,
      documents <= UInt64(MetadataColumnsFormat.documentLimit)
    else { throw corrupt("it tells of \(count) fields and \(documents) documents") }
    self.documents = Int(documents)
    self.ignored = Int(clamping: ignored)
    let recordsEnd =
      MetadataColumnsFormat.headerBytes + MetadataColumnsFormat.recordBytes * count
    guard recordsEnd <= file.count else { throw corrupt("its list of fields is cut off") }
    var columns: [MetadataColumn] = []
    var numbers: [[UInt8]: Int] = [:]
    for index in 0..<count {
      let start = MetadataColumnsFormat.headerBytes + MetadataColumnsFormat.recordBytes * index
      let record = try file.bytes(start..<start + MetadataColumnsFormat.recordBytes)
      let column = try MetadataColumn(record: record, size: file.count) { range in
        guard range.count <= MetadataColumnsFormat.nameLimit else {
          throw corrupt("a field's name is of \(range.count) bytes")
        }
        return Array(try file.bytes(range))
      }
      guard let column else { throw corrupt("field \(index) is not within it") }
      numbers[column.name] = index
      columns.append(column)
    }
    self.columns = columns
    self.numbers = numbers
  }

  /// The names of all fields, sorted by their bytes.
  package var fields: [String] { columns.map { String(decoding: $0.name, as: UTF8.self) } }

  /// Whether a document has a field.
  package func hasField(_ name: String) -> Bool { column(name) != nil }

  /// The values that a document has in a field, as text and in their order; none where it has none.
  ///
  /// - Complexity: logarithmic in the documents that have the field.
  /// - Throws: `StorageError.corruptFile`.
  package func values(of field: String, document: Int) throws -> [String] {
    guard let column = column(field) else { return [] }
    return try values(of: column, document: document).map(\.text)
  }

  func column(_ name: String) -> MetadataColumn? {
    numbers[Array(name.utf8)].map { columns[$0] }
  }

  func corrupt(_ column: MetadataColumn, _ reason: String) -> StorageError {
    .corruptFile(
      path: file.path,
      // The name may be anything: it stays on its line.
      reason: "\(reason), in field \(String(decoding: column.name, as: UTF8.self).debugDescription)"
    )
  }
}
