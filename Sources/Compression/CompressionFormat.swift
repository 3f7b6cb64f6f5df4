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
