import Compression

/// How a file is read.
struct FileFormat: Hashable {
  var format: CorpusFormat
  var compression: CompressionFormat

  init(_ format: CorpusFormat, _ compression: CompressionFormat) {
    self.format = format
    self.compression = compression
  }

  /// What a name without its compression's extension says; `.json` is given as JSON lines.
  ///
  /// - Returns: `nil` where it says nothing.
  static func known(_ name: String) -> CorpusFormat? {
    if textNames.contains(name) { return .text }
    guard let dot = name.lastIndex(of: ".") else { return nil }
    if dot != name.startIndex, buildNames.contains(String(name[..<dot])) { return .text }
    let ending = name[name.index(after: dot)...]
    // `.S` is assembler, and so is `.s`; all others are told apart by their letters alone.
    let lower = ending.lowercased()
    return formats[lower] ?? (textExtensions.contains(lower) ? .text : nil)
  }

  /// Whether only a look into the file tells whether it is JSON lines.
  static func isPlainJSON(_ name: String) -> Bool { name.lowercased().hasSuffix(".json") }

  /// Whether the name is that of Megatron's tokens, with the index beside it.
  static func hasIndex(_ name: String, _ hasSibling: ([UInt8]) -> Bool) -> Bool {
    name.hasSuffix(".bin") && hasSibling(Array((name.dropLast(3) + "idx").utf8))
  }

  /// Whether the name is that of the index of Megatron's tokens.
  static func isIndex(_ name: String, _ hasSibling: ([UInt8]) -> Bool) -> Bool {
    guard name.hasSuffix(".idx") else { return false }
    let tokens = name.dropLast(3) + "bin"
    let endings = CompressionFormat.allCases.map { $0.fileExtension.map { "." + $0 } ?? "" }
    return endings.contains { hasSibling(Array((tokens + $0).utf8)) }
  }

  private static let formats: [String: CorpusFormat] = [
    "html": .html, "htm": .html, "xhtml": .html, "jsonl": .jsonl, "ndjson": .jsonl,
    "json": .jsonl, "csv": .csv, "tsv": .tsv, "tar": .webdataset, "ffr": .ffrecord, "npy": .npy,
  ]
}
