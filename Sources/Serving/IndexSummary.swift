import Retrieval
import Storage

/// An index in numbers: a line of `engram index list --format json`.
public struct IndexSummary: Encodable, Sendable {
  /// The dataset.
  public var dataset: String
  /// Its version.
  public var version: Int
  /// Documents.
  public var documents: Int
  /// Their passages.
  public var passages: Int
  /// Words of these.
  public var words: Int
  /// Bytes of the documents' texts.
  public var textBytes: Int
  /// The stemmer; `nil` for none.
  public var stem: String?
  /// The most words or tokens of a passage.
  public var passageTokens: Int
  /// SHA-256 of the tokenizer that counted them; `nil` where words were.
  public var tokenizer: String?
  /// Where vectors came from; `nil` where there are none.
  public var vectors: IndexManifest.VectorSource?
  /// Segments.
  public var segments: Int
  /// Bytes on disk.
  public var bytes: Int
  /// SHA-256 of the manifest.
  public var identity: String
  /// When it was published.
  public var published: String

  /// The numbers of a published index.
  ///
  /// - Throws: `RetrievalError`, `FileError`.
  public init(_ index: PublishedIndex, in store: Store) throws {
    let manifest = try IndexManifest.published(index, in: store)
    dataset = index.dataset
    version = index.version
    documents = manifest.documents
    passages = manifest.passages
    words = manifest.words
    textBytes = manifest.textBytes
    stem = manifest.options.stem
    passageTokens = manifest.options.passageTokens
    tokenizer = manifest.options.tokenizer
    vectors = manifest.vectors
    segments = manifest.segments.count
    bytes = try index.bytes(in: store)
    identity = index.identity
    published = index.published
  }

  /// Those of all indexes of a store; without one that was dropped in the meantime.
  public static func all(in store: Store) throws -> [IndexSummary] {
    try store.publishedIndexes().compactMap { published in
      do {
        return try IndexSummary(published, in: store)
      } catch {
        guard try store.isPublishedNow(published) else { return nil }
        throw error
      }
    }
  }
}
