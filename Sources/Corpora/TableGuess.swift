import Compression

/// Whether a table that stands among other files has a column of text: then its rows are
/// documents. Without one, as tables in source trees are, it is a document itself.
enum TableGuess {
  /// The most bytes of the row of names.
  private static let headBytes = 1 << 20

  static func hasTextColumn(
    _ path: SystemPath, _ compression: CompressionFormat, format: CorpusFormat, textField: String
  ) -> Bool {
    guard
      let source = try? SourceFile(
        path: path.text, systemPath: path.bytesIfNotText, compression: compression),
      let rows = try? CSVRows(
        source, delimiter: UInt8(ascii: format == .tsv ? "\t" : ","), limit: headBytes),
      let names = try? rows.nextRow()
    else { return false }
    return names.ends.indices.contains {
      names.bytes[names.field($0)].elementsEqual(textField.utf8)
    }
  }
}
