import Samples

/// How sources are read.
public struct CorpusOptions: Sendable {
  /// What samples shall be; `nil`: what the sources' format is made for.
  public var kind: SampleKind?
  /// The format of every source; `nil`: each by its name (and, for folders, by what is in them).
  public var format: CorpusFormat?
  /// The member or column that holds a record's text.
  public var textField = "text"
  /// The member or column that names a record; `nil`: `id`, where a record has one.
  public var idField: String?
  /// Patterns of paths to leave out, as of a shell (`*`, `?`, `[...]`, `**` across folders),
  /// matched against the path below the source and against the last name alone.
  public var exclude: [String] = []
  /// Patterns of paths to take although their extension says nothing.
  public var include: [String] = []
  /// Documents with fewer bytes of text are left out.
  public var minimumBytes = 0
  /// The documents' language, e.g. `zh`; kept as metadata `language` where a record has none.
  public var languageHint: String?
  /// What becomes of HTML.
  public var html = HTMLMode.text
  /// Tokens in a sample where a source is one long array of tokens; `nil`: the array is a sample.
  public var sequenceLength: Int?
  /// The most bytes that one record may have.
  public var recordLimit = 256 << 20

  /// What becomes of HTML files.
  public enum HTMLMode: String, Sendable, CaseIterable {
    /// The text that a reader would see, without tags.
    case text
    /// The file as it is.
    case raw
  }

  /// The defaults.
  public init() {}
}

/// The formats that are read.
public enum CorpusFormat: String, Sendable, CaseIterable {
  /// A document a file, as it is: text, Markdown, reStructuredText, source code.
  case text
  /// A document a file, HTML.
  case html
  /// A JSON object a line.
  case jsonl
  /// Comma-separated values with a line of column names.
  case csv
  /// Tab-separated values with a line of column names.
  case tsv
  /// A folder of MosaicML streaming shards (`index.json` and `.mds` files).
  case mds
  /// A tar of samples, files of one name and several extensions (WebDataset).
  case webdataset
  /// High-Flyer's FFRecord.
  case ffrecord
  /// Megatron-LM's `.bin` and `.idx`.
  case megatron
  /// An array of token ids, one sample a row.
  case npy
  /// Any file, as a `bytes` sample.
  case bytes
}
