import ChunkStore
import Storage

/// What a dataset version takes in its store.
public struct DatasetFootprint: Hashable, Sendable {
  /// Distinct chunks that it names.
  public var chunks = 0
  /// Bytes of their files.
  public var fileBytes = 0
  /// Entries of its list.
  public var extents = 0
  /// Pages of its list.
  public var pages = 0
  /// What became of the parent's chunks; where the parent is not there any more, all are added.
  public var change = ChunkChange()
}

/// How the chunks of two versions differ.
public struct ChunkChange: Hashable, Sendable, Codable {
  /// Chunks that both name.
  public var shared = 0
  /// Chunks that only the later one names.
  public var added = 0
  /// Chunks that only the earlier one names.
  public var removed = 0
  /// Bytes of the files of shared chunks.
  public var sharedBytes = 0
  /// Bytes of the files of added chunks.
  public var addedBytes = 0
  /// Bytes of the files of removed chunks.
  public var removedBytes = 0
}

/// The distinct chunks of a version with their files' bytes.
struct ChunkSet {
  private(set) var bytes: [ChunkKey: Int] = [:]

  init() {}

  init(of dataset: Dataset) throws {
    try dataset.forEachExtent { extent, _ in
      bytes[ChunkKey(extent.chunk.name)] = extent.chunk.fileBytes
    }
  }

  /// - Parameter earlier: what this set is compared with.
  func change(from earlier: ChunkSet) -> ChunkChange {
    var change = ChunkChange()
    for (key, size) in bytes {
      if earlier.bytes[key] != nil {
        change.shared += 1
        change.sharedBytes += size
      } else {
        change.added += 1
        change.addedBytes += size
      }
    }
    for (key, size) in earlier.bytes where bytes[key] == nil {
      change.removed += 1
      change.removedBytes += size
    }
    return change
  }
}

extension Store {
  /// What a version takes, and how it differs from its parent.
  ///
  /// - Throws: `DatasetError.corrupt` where a page cannot be read.
  /// - Complexity: O(chunks) of both.
  public func footprint(of version: DatasetVersion) throws -> DatasetFootprint {
    let chunks = try ChunkSet(of: Dataset(version, in: self))
    var footprint = DatasetFootprint()
    footprint.chunks = chunks.bytes.count
    footprint.fileBytes = chunks.bytes.values.reduce(0, +)
    footprint.pages = version.manifest.pages.count
    footprint.extents = version.manifest.pages.reduce(0) { $0 + $1.extents }
    footprint.change = chunks.change(from: try parentChunks(of: version))
    return footprint
  }

  /// How the chunks of each version of a dataset differ from its parent's, oldest version first.
  ///
  /// - Throws: `DatasetError.noSuchDataset`, `.corrupt`.
  public func changes(
    ofDataset name: String
  ) throws -> [(version: DatasetVersion, change: ChunkChange)] {
    _ = try datasetVersion(DatasetReference(name: name))
    var last: (identity: String, chunks: ChunkSet) = ("", ChunkSet())
    return try datasetVersions(named: name).map { version in
      let chunks = try ChunkSet(of: Dataset(version, in: self))
      let parent =
        version.manifest.parent?.identity == last.identity
        ? last.chunks : try parentChunks(of: version)
      last = (version.manifest.identity, chunks)
      return (version, chunks.change(from: parent))
    }
  }

  private func parentChunks(of version: DatasetVersion) throws -> ChunkSet {
    guard let identity = version.manifest.parent?.identity,
      let parent = try datasetVersions(named: version.manifest.name)
        .first(where: { $0.manifest.identity == identity })
    else { return ChunkSet() }
    do {
      return try ChunkSet(of: Dataset(parent, in: self))
    } catch DatasetError.dropped {
      return ChunkSet()
    }
  }
}
