import Samples

/// Writes samples in a format that others read. One thread at a time.
///
/// What is written appears under its name when `finish` has flushed all of it to the disk, and not
/// before; a writer that is dropped before that leaves nothing. (What goes to standard output is
/// there as it is written.)
package protocol CorpusWriter: AnyObject {
  /// Writes the next sample.
  ///
  /// - Parameter sample: its bytes (see `Samples`).
  /// - Parameter number: its number in the dataset, from 0.
  /// - Throws: `CorpusWriterError` where the format cannot hold it, `FileError`.
  func append(_ sample: UnsafeRawBufferPointer, number: Int) throws
  /// Flushes everything and gives it its name.
  func finish() throws
}

/// The formats that are written.
package enum CorpusWriterFormat: String, Sendable, CaseIterable {
  /// A JSON object a line.
  case jsonl
  /// A folder of MosaicML streaming shards.
  case mds
  /// A folder of tars, as WebDataset reads them.
  case webdataset
  /// Megatron-LM's `.bin` and `.idx`, tokens only.
  case megatron
  /// A file a document, each at its `path`.
  case files

  /// A writer of samples of one kind.
  ///
  /// - Parameter destination: the file (`jsonl`; `-` is standard output), the path without `.bin`
  ///   (`megatron`), or the folder to be made.
  /// - Parameter tokens: how ids lie in the samples, where they are tokens.
  /// - Parameter overwrite: replaces what an earlier run in the same format left there.
  /// - Throws: `CorpusWriterError.exists`, `.wrongKind`, `FileError`.
  package func makeWriter(
    to destination: String, kind: SampleKind, tokens: TokenLayout? = nil, overwrite: Bool = false
  ) throws -> any CorpusWriter {
    let form = try WrittenForm(kind, tokens, format: self)
    switch self {
    case .jsonl:
      return JSONLinesWriter(try OutputFile(destination, overwrite: overwrite), form)
    case .mds: return try MDSFolderWriter(destination, form, overwrite: overwrite)
    case .webdataset: return try WebDatasetWriter(destination, form, overwrite: overwrite)
    case .megatron: return try MegatronWriter(destination, form, overwrite: overwrite)
    case .files: return try FilesWriter(destination, overwrite: overwrite)
    }
  }
}

/// What the samples are that a writer gets.
enum WrittenForm {
  case document
  case tokens(TokenLayout)
  case bytes

  /// - Throws: `CorpusWriterError.wrongKind` where the format does not hold samples of the kind.
  init(
    _ kind: SampleKind, _ tokens: TokenLayout?, format: CorpusWriterFormat
  ) throws(CorpusWriterError) {
    switch (format, kind) {
    case (.megatron, .document), (.megatron, .bytes), (.files, .tokens), (.files, .bytes):
      throw .wrongKind(format: format, kind: kind)
    case (_, .document): self = .document
    case (_, .bytes): self = .bytes
    case (_, .tokens): self = .tokens(tokens ?? TokenLayout(width: 4))
    }
  }
}
