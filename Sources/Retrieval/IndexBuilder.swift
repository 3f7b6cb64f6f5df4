import Bitsets
import Datasets
import Files
import Foundation
import PassageIndex
import Storage
import Terms
import Tokenization

/// Indexes a dataset version, or what changed since a version that has an index, and publishes the
/// index in one commit. Killed at any moment, it leaves nothing visible.
public struct IndexBuilder: Sendable {
  /// Called with how far it came; what it throws ends the work and changes nothing.
  public typealias Progress = @Sendable (IndexProgress) throws -> Void

  /// What the work may use.
  public struct Resources: Sendable {
    /// Threads; 0 for as many as there are cores.
    public var threads: Int
    /// Bytes of memory for words on their way to the disk, of all threads.
    public var memory: Int

    /// - Parameter memory: at least 64 MiB are used.
    public init(threads: Int = 0, memory: Int = 1 << 30) {
      self.threads = threads > 0 ? threads : ProcessInfo.processInfo.activeProcessorCount
      self.memory = max(memory, 64 << 20)
    }
  }

  let store: Store
  let options: IndexOptions
  let tokenizer: Tokenizer?
  let normalizer: TermNormalizer
  let resources: Resources
  let progress: Progress

  /// A builder.
  ///
  /// - Parameter store: open for writing.
  /// - Parameter tokenizer: whose tokens passages are counted in, and that samples of tokens are of.
  /// - Throws: `TermError.noStemmer`, `RetrievalError.badOption`.
  public init(
    store: Store, options: IndexOptions, tokenizer: Tokenizer? = nil,
    resources: Resources = Resources(), progress: @escaping Progress = { _ in }
  ) throws {
    guard IndexOptions.passageTokensRange.contains(options.passageTokens) else {
      throw RetrievalError.badOption(
        name: "--passage-tokens", value: "\(options.passageTokens)",
        expected: "\(IndexOptions.passageTokensRange.lowerBound) to "
          + "\(IndexOptions.passageTokensRange.upperBound)")
    }
    self.store = store
    var options = options
    options.tokenizer = tokenizer?.identity.description
    self.options = options
    self.tokenizer = tokenizer
    normalizer = try TermNormalizer(stem: options.stem)
    self.resources = resources
    self.progress = progress
  }

  /// What an index was made of.
  public struct Result: Sendable {
    /// The index.
    public var index: PublishedIndex
    /// Its manifest.
    public var manifest: IndexManifest
    /// The version whose segments it shares; `nil` where it was made from nothing.
    public var base: Int?
    /// Samples that were read.
    public var indexed: Int
    /// Bytes of their texts.
    public var indexedBytes: Int
    /// Whether it was there already.
    public var wasThere: Bool
  }

  /// Makes the index of a dataset version.
  ///
  /// - Parameter isFresh: shares nothing with other indexes.
  /// - Throws: `RetrievalError`, `DatasetError`, `PassageIndexError`, `StorageError`, `FileError`.
  public func build(
    _ reference: DatasetReference, vectors: IndexVectors? = nil, isFresh: Bool = false
  ) throws -> Result {
    let dataset = try Dataset(reference, in: store)
    try SampleText.check(dataset, tokenizer: tokenizer)
    guard dataset.count < Int(SampleMatching.none) else {
      throw RetrievalError.badOption(
        name: "the dataset", value: "with \(dataset.count) samples",
        expected: "one of at most \(SampleMatching.none - 1)")
    }
    let base = isFresh ? nil : try base(for: dataset)
    if let base, base.index.version == dataset.manifest.version,
      base.manifest.datasetIdentity == dataset.manifest.identity,
      vectors?.describes(base.manifest.vectors) ?? true
    {
      return Result(
        index: base.index, manifest: base.manifest, base: nil, indexed: 0, indexedBytes: 0,
        wasThere: true)
    }
    let work = try IndexWork(builder: self, dataset: dataset, base: base)
    return try work.run(vectors: vectors)
  }

  /// The index that the new one can share segments with: of this version, else of the newest that has
  /// one with the same options.
  private func base(for dataset: Dataset) throws -> SegmentedIndex? {
    let indexes = try store.publishedIndexes(ofDataset: dataset.manifest.name)
    let same = indexes.filter { $0.version == dataset.manifest.version }
    for index in same + indexes.reversed() {
      // What cannot be read any more is not shared; the new index stands on its own.
      guard let manifest = try? IndexManifest.published(index, in: store),
        manifest.options == options,
        let segments = try? manifest.segments.map({
          try Segment(folder: store.tableFolder($0.id), id: $0.id)
        })
      else { continue }
      return SegmentedIndex(index: index, manifest: manifest, segments: segments)
    }
    return nil
  }
}

/// A published index and its segments.
struct SegmentedIndex {
  var index: PublishedIndex
  var manifest: IndexManifest
  var segments: [Segment]
}
