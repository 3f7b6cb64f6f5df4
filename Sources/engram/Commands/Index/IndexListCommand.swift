import ArgumentParser
import Retrieval
import Storage

/// The store's indexes.
struct IndexListCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list",
    abstract: "List the indexes of a store.",
    discussion: """
        engram index list
        engram index list --format json | jq .dataset
      """)

  @OptionGroup var store: StoreOptions
  @OptionGroup var output: OutputOptions

  func run() throws {
    let store = try store.open(.reading)
    let lines = try store.publishedIndexes().compactMap { published -> IndexSummary? in
      do {
        return try IndexSummary(published, in: store)
      } catch {
        guard try store.isPublishedNow(published) else { return nil }
        throw error
      }
    }
    switch output.format {
    case .json: for line in lines { try JSONLine.print(line) }
    case .text:
      guard !lines.isEmpty else {
        print("no indexes in \(store.path) yet; run engram index build DATASET")
        return
      }
      TextTable.print(
        [["dataset", "documents", "passages", "stem", "vectors", "size", "published"]]
          + lines.map {
            [
              "\($0.dataset)@\($0.version)", "\($0.documents)", "\($0.passages)", $0.stem ?? "-",
              $0.vectors.map { "\($0.dimensions)" } ?? "-", ByteCount.text($0.bytes), $0.published,
            ]
          })
    }
  }
}

/// An index in numbers.
struct IndexSummary: Encodable {
  var dataset: String
  var version: Int
  var documents: Int
  var passages: Int
  var words: Int
  var textBytes: Int
  var stem: String?
  var passageTokens: Int
  var tokenizer: String?
  var vectors: IndexManifest.VectorSource?
  var segments: Int
  var bytes: Int
  var identity: String
  var published: String

  init(_ index: PublishedIndex, in store: Store) throws {
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
}
