/// What the samples of a dataset are.
public enum SampleKind: String, Codable, Sendable, CaseIterable {
  /// UTF-8 text and a JSON object of metadata, see `DocumentSample`.
  case document
  /// An array of token ids, see `TokenLayout`.
  case tokens
  /// Bytes that mean nothing to the store.
  case bytes
}
