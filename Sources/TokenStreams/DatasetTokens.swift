import Datasets
import Foundation
import Samples
import Tokenization

/// A dataset as what models read: documents of token ids, encoded on the way where it holds text.
///
///     let stream = try DatasetTokens(dataset, tokenizer: tokenizer)
///     let reader = stream.reader()                // one a thread
///     try reader.forEachDocument(inSample: 17) { tokens in ... }
///
/// A sample of text is one document. A sample of tokens is as many as its boundaries say, else one:
/// what runs over the end of a packed sample begins anew in the next.
public struct DatasetTokens: Sendable {
  /// What is read.
  public let dataset: Dataset
  /// Whose ids come out.
  public let tokenizer: Tokenizer

  /// - Throws: `TokenStreamError` where the dataset holds neither text nor this tokenizer's ids.
  public init(_ dataset: Dataset, tokenizer: Tokenizer) throws(TokenStreamError) {
    self.dataset = dataset
    self.tokenizer = tokenizer
    let manifest = dataset.manifest
    switch manifest.kind {
    case .document: break
    case .tokens:
      guard let found = manifest.tokenizer else {
        throw .noTokenizerIdentity(dataset: dataset.version.title)
      }
      let given = tokenizer.identity.description
      guard found.sha256 == given else {
        throw .otherTokenizer(
          dataset: dataset.version.title, expected: found.sha256, found: given)
      }
    case .bytes:
      throw .unsuitableKind(dataset: dataset.version.title, kind: manifest.kind.rawValue)
    }
  }

  /// Samples of the dataset.
  public var samples: Int { dataset.count }

  /// A reader, for one thread at a time.
  public func reader() -> Reader { Reader(self) }

  /// Reads documents of tokens by sample number. One thread at a time.
  public final class Reader {
    private let stream: DatasetTokens
    private let samples: SampleReader
    private var ids: [Int32] = []

    init(_ stream: DatasetTokens) {
      self.stream = stream
      samples = SampleReader(stream.dataset)
    }

    /// Calls `body` with the tokens of each document of a sample, in order; they are valid during
    /// the call. Documents without a token are left out.
    ///
    /// - Throws: `DatasetError`, `ChunkError`, `TokenizationError`;
    ///   `TokenStreamError.tokenOutOfRange`; what `body` throws.
    public func forEachDocument(
      inSample number: Int, _ body: (UnsafeBufferPointer<Int32>) throws -> Void
    ) throws {
      ids.removeAll(keepingCapacity: true)
      var starts: [Int] = []
      if stream.dataset.manifest.kind == .document {
        try samples.withDocument(number) { text, _ in
          try stream.tokenizer.encode(utf8: text.assumingMemoryBound(to: UInt8.self), into: &ids)
        }
      } else {
        let sample = try samples.tokens(number)
        let vocabulary = stream.tokenizer.vocabularySize
        for id in sample.ids {
          guard id < vocabulary else {
            throw TokenStreamError.tokenOutOfRange(
              dataset: stream.dataset.version.title, sample: number, token: id,
              vocabulary: vocabulary)
          }
          ids.append(Int32(id))
        }
        starts = sample.starts
      }
      if starts.first != 0 { starts.insert(0, at: 0) }
      try ids.withUnsafeBufferPointer { ids in
        for (index, start) in starts.enumerated() {
          let end = index + 1 < starts.count ? starts[index + 1] : ids.count
          guard end > start else { continue }
          try body(UnsafeBufferPointer(rebasing: ids[start..<end]))
        }
      }
    }

    /// The bytes of a sample as the dataset stores it: what progress is counted in.
    public func size(ofSample number: Int) throws -> Int { try samples.size(of: number) }
  }
}
