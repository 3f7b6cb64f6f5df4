/// A file that may be compressed, as the bytes that it stands for.
///
///     let source = try SourceFile(path: "corpus.jsonl.zst", compression: .zstd)
///     while case let count = try source.read(into: buffer), count > 0 { ... }
///     try source.checkUnchanged()
public final class SourceFile: ByteSource {
  /// The file itself.
  public let file: FileByteSource
  private let contents: any ByteSource

  /// Opens a file, or standard input (`-`).
  ///
  /// - Parameter systemPath: the path's bytes, where they are not UTF-8 and `path` only shows them.
  /// - Parameter offset: where to start, in bytes of what the file stands for. A compressed file
  ///   and standard input are read up to there.
  /// - Throws: `CompressionError`.
  public init(
    path: String, systemPath: [UInt8]? = nil, compression: CompressionFormat = .none,
    startingAt offset: Int = 0
  ) throws {
    let canSeek = compression == .none && path != "-"
    file = try FileByteSource(
      path: path, systemPath: systemPath, startingAt: canSeek ? offset : 0)
    contents =
      compression == .none
      ? file : try DecompressingByteSource(file, format: compression, path: path)
    if !canSeek { try skip(offset) }
  }

  /// - Throws: `CompressionError`.
  public func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
    try contents.read(into: buffer)
  }

  /// Reads the next bytes and forgets them; those that are not there are no error.
  public func skip(_ count: Int) throws {
    guard count > 0 else { return }
    let buffer = UnsafeMutableRawBufferPointer.allocate(
      byteCount: min(count, 1 << 18), alignment: 16)
    defer { buffer.deallocate() }
    var left = count
    while left > 0 {
      let wanted = UnsafeMutableRawBufferPointer(rebasing: buffer[..<min(left, buffer.count)])
      let read = try read(into: wanted)
      if read == 0 { return }
      left -= read
    }
  }

  /// - Throws: `CompressionError.changed` where somebody wrote the file since it was opened.
  public func checkUnchanged() throws(CompressionError) {
    try file.checkUnchanged()
  }
}
