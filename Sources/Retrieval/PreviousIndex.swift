import Storage

/// The newest index of a dataset: what the next one is made like, where nobody says otherwise.
public struct PreviousIndex: Sendable {
  /// The index.
  public let index: PublishedIndex
  /// Its manifest.
  public let manifest: IndexManifest
  private let modelFolder: String?

  /// The newest index of a dataset; `nil` where there is none that can be read.
  public init?(ofDataset name: String, in store: Store) throws {
    guard let index = try store.publishedIndexes(ofDataset: name).last,
      let manifest = try? IndexManifest.published(index, in: store)
    else { return nil }
    self.index = index
    self.manifest = manifest
    modelFolder = manifest.vectors?.model.map { store.tableFolder($0) }
  }

  /// The model that made its vectors; `nil` where there are none, or a user brought them.
  ///
  /// - Throws: `StaticEmbeddingError`.
  public func model() throws -> IndexVectors? {
    try modelFolder.map { try IndexVectors.embedding(folder: $0) }
  }

  /// Whether its vectors were brought by a user: they are of its passages, not of the next one's.
  public var hasBroughtVectors: Bool { manifest.vectors != nil && modelFolder == nil }
}
