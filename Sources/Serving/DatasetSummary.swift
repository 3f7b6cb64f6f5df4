import Datasets
import Storage

/// A dataset version in numbers: a line of `engram dataset list --format json`.
public struct DatasetSummary: Encodable, Sendable {
  /// The dataset's name.
  public var name: String
  /// The version.
  public var version: Int
  /// How many versions the dataset has.
  public var versions: Int
  /// What samples are.
  public var kind: String
  /// How many samples.
  public var samples: Int
  /// Their bytes.
  public var bytes: Int
  /// The name of exactly this content and history.
  public var identity: String
  /// When it was published.
  public var published: String
  /// What its maker says about it.
  public var message: String

  /// The numbers of a version.
  public init(_ version: DatasetVersion, versions: Int) {
    let manifest = version.manifest
    name = manifest.name
    self.version = manifest.version
    self.versions = versions
    kind = manifest.kind.rawValue
    samples = manifest.samples
    bytes = manifest.bytes
    identity = manifest.identity
    published = version.published
    message = manifest.message
  }

  /// Those of a store, by name.
  ///
  /// - Parameter all: every version, not only the newest of each dataset.
  /// - Throws: `DatasetError`, `StorageError`.
  public static func all(in store: Store, everyVersion all: Bool = true) throws -> [DatasetSummary]
  {
    let byName = Dictionary(grouping: try store.datasetVersions(), by: \.manifest.name)
    return byName.keys.sorted().flatMap { name -> [DatasetSummary] in
      let versions = byName[name] ?? []
      return versions.suffix(all ? versions.count : 1).map {
        DatasetSummary($0, versions: versions.count)
      }
    }
  }
}
