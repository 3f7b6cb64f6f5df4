import Compression

extension CorpusUnit {
  /// Opens the unit's file, decompressed.
  ///
  /// - Throws: `CompressionError`; `.changed` where it is not what it was when it was listed.
  func open(startingAt offset: Int = 0) throws -> SourceFile {
    let source = try SourceFile(
      path: path, systemPath: systemPath, compression: compression, startingAt: offset)
    guard source.file.size == size || size < 0,
      source.file.modified == modified || modified == 0
    else { throw CompressionError.changed(path: path) }
    return source
  }
}

extension SourceFile {
  /// Whether the file is as it was when it was opened.
  var isUnchanged: Bool { (try? checkUnchanged()) != nil }
}
