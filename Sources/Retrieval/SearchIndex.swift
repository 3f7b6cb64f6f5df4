import Datasets
import Files
import MetadataColumns
import PassageIndex
import Storage
import Synchronization
import Terms
import Tokenization

/// A published index, open for questions. Safe to use from any number of threads at once.
///
///     let index = try SearchIndex(DatasetReference(name: "docs"), in: store)
public final class SearchIndex: Sendable {
  /// What it is.
  public let published: PublishedIndex
  /// Its manifest.
  public let manifest: IndexManifest
  /// The dataset version that its passages are of.
  public let dataset: Dataset
  let segments: [SearchSegment]
  let analyzer: Analyzer
  private let store: String
  private let tokenizer: Tokenizer?
  let openedVectors = Mutex<Vectors?>(nil)
  private let readers = Mutex<[PooledReader]>([])

  // The pool hands a reader to one thread at a time, under its lock.
  private struct PooledReader: @unchecked Sendable {
    let reader: SampleText
  }

  /// `dataset@version`.
  public var title: String { published.title }

  /// Opens the index of a dataset: of the newest version that has one where none is named.
  ///
  /// - Parameter tokenizer: of a dataset of tokens: passages are text again.
  /// - Throws: `RetrievalError`, `PassageIndexError`, `StorageError`, `FileError`.
  public convenience init(
    _ reference: DatasetReference, in store: Store, tokenizer: Tokenizer? = nil
  ) throws {
    let published = try store.publishedIndex(reference)
    do {
      try self.init(published, in: store, tokenizer: tokenizer)
    } catch {
      // Where it was dropped since the catalog was asked, that is what is said, not which file is gone.
      if (try? store.isPublishedNow(published)) == false {
        _ = try Store(path: store.path, mode: .reading).publishedIndex(
          DatasetReference(name: published.dataset, version: published.version))
      }
      throw error
    }
  }

  /// Opens an index that the catalog named.
  public init(_ published: PublishedIndex, in store: Store, tokenizer: Tokenizer? = nil) throws {
    self.published = published
    self.store = store.path
    self.tokenizer = tokenizer
    let manifest = try IndexManifest.published(published, in: store)
    self.manifest = manifest
    do {
      dataset = try Dataset(
        DatasetReference(name: manifest.dataset, version: manifest.version), in: store)
    } catch let error as DatasetError {
      throw RetrievalError.datasetIsGone(index: published.title, reason: "\(error)")
    }
    guard dataset.manifest.identity == manifest.datasetIdentity else {
      throw RetrievalError.datasetIsGone(
        index: published.title, reason: "the version of that number is another one")
    }
    try SampleText.check(dataset, tokenizer: tokenizer)
    analyzer = try Analyzer(stem: manifest.options.stem)
    let folder = store.tableFolder(published.id)
    func open(_ name: String) throws -> CheckedFile {
      try CheckedFile(
        path: folder + "/" + name,
        salt: IndexVersionWriter.salt(
          dataset: manifest.dataset, version: manifest.version, file: name))
    }
    let samples = try open(IndexVersionWriter.samples)
    let documents = manifest.segments.reduce(0) { $0 + $1.documents }
    guard samples.count == 4 * documents else {
      throw RetrievalError.corrupt(
        path: samples.path, reason: "it is not of \(documents) documents")
    }
    var first = 0
    segments = try manifest.segments.enumerated().map { number, part in
      defer { first += part.documents }
      let file = try open(IndexVersionWriter.lost(number))
      let lost = try withExtendedLifetime(file) { LostPostings(try $0.allBytes()) }
      guard let lost else {
        throw RetrievalError.corrupt(path: file.path, reason: "its terms do not ascend")
      }
      return try SearchSegment(
        segment: Segment(folder: store.tableFolder(part.id), id: part.id), part: part, lost: lost,
        samples: samples, firstDocument: first)
    }
  }

  /// A folder of the index.
  func folder(_ id: String) -> String { store + "/tables/" + id }

  /// Fields of the documents' metadata, sorted.
  public var fields: [String] {
    Set(segments.flatMap(\.segment.metadata.fields)).sorted()
  }

  /// Runs `body` with a reader that no other thread has.
  func withReader<R>(_ body: (SampleText) throws -> R) rethrows -> R {
    let pooled =
      readers.withLock { $0.popLast() }
      ?? PooledReader(reader: SampleText(dataset, tokenizer: tokenizer))
    defer { readers.withLock { $0.append(pooled) } }
    return try body(pooled.reader)
  }
}
