import Datasets
import Samples
import StrictJSON
import Tokenization

/// What of a sample is indexed: its text, and its metadata. One thread at a time.
final class SampleText {
  /// What is read.
  let reader: SampleReader
  private let tokenizer: Tokenizer?

  /// - Parameter tokenizer: of samples of tokens; not needed for documents.
  init(_ dataset: Dataset, tokenizer: Tokenizer?) {
    reader = SampleReader(dataset)
    self.tokenizer = dataset.manifest.kind == .tokens ? tokenizer : nil
  }

  /// Throws where a dataset has no text that could be indexed.
  static func check(_ dataset: Dataset, tokenizer: Tokenizer?) throws {
    let manifest = dataset.manifest
    switch manifest.kind {
    case .document: return
    case .bytes:
      throw RetrievalError.noText(dataset: dataset.version.title, kind: manifest.kind.rawValue)
    case .tokens:
      guard let tokenizer else {
        throw RetrievalError.noTokenizer(dataset: dataset.version.title)
      }
      if let known = manifest.tokenizer, known.sha256 != tokenizer.identity.description {
        throw RetrievalError.otherTokenizer(
          what: dataset.version.title, expected: known.sha256,
          found: tokenizer.identity.description)
      }
    }
  }

  /// Calls `body` with the text and the metadata (a JSON object) of a sample, valid during the call.
  func withText<R>(
    _ number: Int,
    _ body: (_ text: UnsafeRawBufferPointer, _ metadata: UnsafeRawBufferPointer) throws -> R
  ) throws -> R {
    guard let tokenizer else { return try reader.withDocument(number, body) }
    let ids = try reader.tokens(number).ids.map { Int32(truncatingIfNeeded: $0) }
    return try tokenizer.bytes(of: ids).withUnsafeBytes { text in
      try Array("{}".utf8).withUnsafeBytes { try body(text, $0) }
    }
  }
}
