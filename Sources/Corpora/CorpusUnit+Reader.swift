import Samples

extension CorpusUnit {
  /// A reader of this unit.
  ///
  /// - Parameter position: a place that a batch of the same unit gave, or the start.
  /// - Parameter tokens: how token ids shall lie, where `kind` is `tokens`.
  /// - Parameter kind: what samples shall be, as the plan says.
  public func makeReader(
    from position: CorpusPosition = CorpusPosition(), options: CorpusOptions,
    tokens: TokenLayout? = nil, kind: SampleKind
  ) throws -> any CorpusReader {
    switch format {
    case .text, .html:
      return RecordReader(path: path) { try TextSource(self, from: position, options: options) }
    case .jsonl:
      return RecordReader(path: path) {
        try JSONLinesSource(self, from: position, options: options)
      }
    case .csv, .tsv:
      return RecordReader(path: path) { try CSVSource(self, from: position, options: options) }
    case .mds, .webdataset, .ffrecord, .megatron, .npy, .bytes:
      return try BinaryCorpora.makeReader(
        for: self, from: position, options: options, tokens: tokens, kind: kind)
    }
  }
}
