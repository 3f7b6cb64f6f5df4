import Datasets
import Foundation
import Storage

/// An index as the catalog names it: one for each dataset version that has one.
public struct PublishedIndex: Codable, Hashable, Sendable {
  /// The dataset.
  public var dataset: String
  /// Its version.
  public var version: Int
  /// The folder under `tables/` with the manifest.
  public var id: String
  /// SHA-256 of the manifest.
  public var identity: String
  /// All its folders, shared ones included, and the SHA-256 of each one's list of checksums.
  public var folders: [Folder]
  /// When it was published, ISO 8601, UTC.
  public var published: String

  /// A folder under `tables/`.
  public struct Folder: Codable, Hashable, Sendable {
    /// Its name.
    public var id: String
    /// SHA-256 of its list of checksums.
    public var checksums: String
  }

  /// `dataset@version`.
  public var title: String { "\(dataset)@\(version)" }

  /// Key of an index: `i`, the dataset's name, a zero byte, the version in 4 bytes, big-endian.
  static func key(dataset: String, version: Int) -> [UInt8] {
    prefix(dataset: dataset) + withUnsafeBytes(of: UInt32(version).bigEndian) { Array($0) }
  }

  static func prefix(dataset: String) -> [UInt8] {
    [UInt8(ascii: "i")] + Array(dataset.utf8) + [0]
  }

  func record() throws -> [UInt8] { try CanonicalJSON.encode(self) }
}

extension Store {
  /// All published indexes, by dataset and version.
  public func publishedIndexes() throws -> [PublishedIndex] {
    try indexRecords(prefix: [UInt8(ascii: "i")])
  }

  private func indexRecords(prefix: [UInt8]) throws -> [PublishedIndex] {
    try catalog.entries(prefix: prefix, in: .tables).map { entry in
      guard let index = try? JSONDecoder().decode(PublishedIndex.self, from: Data(entry.value)),
        (1..<Int(UInt32.max)).contains(index.version),
        PublishedIndex.key(dataset: index.dataset, version: index.version) == entry.key
      else {
        throw RetrievalError.corrupt(
          path: path + "/catalog", reason: "a record of it is no index")
      }
      return index
    }
  }

  /// The indexes of a dataset, by version.
  public func publishedIndexes(ofDataset name: String) throws -> [PublishedIndex] {
    try indexRecords(prefix: PublishedIndex.prefix(dataset: name))
  }

  /// The index that a reference names: the newest version's that has one where it names none.
  ///
  /// - Throws: `RetrievalError.noIndex`, `.noIndexOfVersion`, `DatasetError.noSuchDataset`.
  public func publishedIndex(_ reference: DatasetReference) throws -> PublishedIndex {
    let indexes = try publishedIndexes(ofDataset: reference.name)
    guard let newest = indexes.last else {
      // A name that is no dataset's needs another one, not an index.
      _ = try datasetVersion(DatasetReference(name: reference.name))
      throw RetrievalError.noIndex(
        dataset: reference.name, available: Set(try publishedIndexes().map(\.dataset)).sorted())
    }
    guard let version = reference.version else { return newest }
    guard let found = indexes.first(where: { $0.version == version }) else {
      throw RetrievalError.noIndexOfVersion(
        dataset: reference.name, version: version, available: indexes.map(\.version))
    }
    return found
  }

  /// Whether an index is published at this moment, whatever this store showed when it was opened.
  public func isPublishedNow(_ index: PublishedIndex) throws -> Bool {
    try Store(path: path, mode: .reading).publishedIndexes().contains(index)
  }

  /// Takes indexes out of the store: one, or all of a dataset where the reference names no version.
  /// Segments that other indexes share stay. Processes that have them open go on reading.
  ///
  /// - Returns: what was dropped.
  public func dropIndexes(_ reference: DatasetReference) throws -> [PublishedIndex] {
    let found = try publishedIndex(reference)
    let dropped =
      reference.version == nil ? try publishedIndexes(ofDataset: reference.name) : [found]
    try withdraw(
      folders: try foldersOnly(of: dropped),
      edits: dropped.map {
        .init(PublishedIndex.key(dataset: $0.dataset, version: $0.version), nil, in: .tables)
      })
    return dropped
  }

  /// The folders that no other index has.
  func foldersOnly(of dropped: [PublishedIndex]) throws -> [String] {
    let kept = try publishedIndexes().filter { !dropped.contains($0) }
    let shared = Set(kept.flatMap(\.folders).map(\.id))
    return Set(dropped.flatMap(\.folders).map(\.id)).subtracting(shared).sorted()
  }
}
