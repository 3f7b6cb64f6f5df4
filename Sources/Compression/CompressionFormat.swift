/// How a stream of bytes is compressed.
public enum CompressionFormat: String, Sendable, CaseIterable {
  /// Not at all.
  case none
  /// gzip (RFC 1952), one member or several.
  case gzip
  /// Zstandard frames (RFC 8878).
  case zstd
  /// bzip2, one stream or several.
  case bzip2
  /// LZ4 frames.
  case lz4

  /// The extensions by which files of the format are known, without the dot.
  public var fileExtension: String? {
    switch self {
    case .none: nil
    case .gzip: "gz"
    case .zstd: "zst"
    case .bzip2: "bz2"
    case .lz4: "lz4"
    }
  }
}

extension CompressionFormat {
  /// What a file's name says about its compression, and the name of what is in it:
  /// `corpus.jsonl.zst` is (`zstd`, `corpus.jsonl`), `a.tgz` is (`gzip`, `a.tar`). Letters may be
  /// large or small.
  public static func of(fileName: String) -> (format: CompressionFormat, name: String) {
    guard let dot = fileName.lastIndex(of: "."), dot != fileName.startIndex else {
      return (.none, fileName)
    }
    let stem = String(fileName[..<dot])
    guard !stem.hasSuffix("/") else { return (.none, fileName) }
    return switch fileName[dot...].dropFirst().lowercased() {
    case "gz": (.gzip, stem)
    case "tgz": (.gzip, stem + ".tar")
    case "zst", "zstd": (.zstd, stem)
    case "tzst": (.zstd, stem + ".tar")
    case "bz2": (.bzip2, stem)
    case "tbz2", "tbz": (.bzip2, stem + ".tar")
    case "lz4": (.lz4, stem)
    default: (.none, fileName)
    }
  }
}
