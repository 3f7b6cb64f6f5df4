import ChunkStore
import Foundation
import Storage

/// A dataset version as the catalog names it.
public struct DatasetVersion: Codable, Hashable, Sendable {
  /// What it is.
  public var manifest: DatasetManifest
  /// When it was published, ISO 8601, UTC.
  public var published: String

  /// `name@version`.
  public var title: String { "\(manifest.name)@\(manifest.version)" }

  /// Key of a version: `v` (published) or `d` (dropped, its data not yet collected), the name, a
  /// zero byte, the version in 4 bytes, big-endian.
  static func key(name: String, version: Int, isDropped: Bool = false) -> [UInt8] {
    prefix(name: name, isDropped: isDropped)
      + withUnsafeBytes(of: UInt32(version).bigEndian) { Array($0) }
  }

  static func prefix(name: String, isDropped: Bool = false) -> [UInt8] {
    [UInt8(ascii: isDropped ? "d" : "v")] + Array(name.utf8) + [0]
  }

  /// Key of the highest version number that a name ever had.
  static func counterKey(name: String) -> [UInt8] { [UInt8(ascii: "c")] + Array(name.utf8) }

  func record() throws -> [UInt8] {
    try CanonicalJSON.encode(self)
  }

  init(manifest: DatasetManifest, published: String) {
    self.manifest = manifest
    self.published = published
  }

  /// Reads and checks a catalog record.
  ///
  /// - Throws: `DatasetError.corrupt`, `.newerFormat`.
  init(record: [UInt8], store: String) throws(DatasetError) {
    struct Format: Decodable {
      struct Manifest: Decodable { var format: Int }
      var manifest: Manifest
    }
    let place = store + "/catalog"
    let decoder = JSONDecoder()
    do {
      let found = try decoder.decode(Format.self, from: Data(record)).manifest.format
      guard found <= DatasetManifest.formatVersion else {
        throw DatasetError.newerFormat(
          place: place, found: found, supported: DatasetManifest.formatVersion)
      }
      self = try decoder.decode(DatasetVersion.self, from: Data(record))
    } catch let error as DatasetError {
      throw error
    } catch {
      throw .corrupt(place: place, reason: "a record of it is no dataset version")
    }
    if let reason = manifest.contradiction {
      throw .corrupt(place: place, reason: "\(title): \(reason)")
    }
    guard (try? manifest.computedIdentity()) == manifest.identity else {
      throw .corrupt(place: place, reason: "\(title): its identity is not that of its fields")
    }
  }
}

extension Store {
  /// All published dataset versions, by name and version.
  ///
  /// - Throws: `DatasetError.corrupt` where a record is damaged.
  public func datasetVersions() throws -> [DatasetVersion] {
    try datasetRecords(prefix: [UInt8(ascii: "v")])
  }

  /// All published versions of one dataset, oldest first; empty where there are none.
  public func datasetVersions(named name: String) throws -> [DatasetVersion] {
    try datasetRecords(prefix: DatasetVersion.prefix(name: name))
  }

  /// Versions that were dropped and whose data has not been collected yet.
  public func droppedDatasetVersions() throws -> [DatasetVersion] {
    try datasetRecords(prefix: [UInt8(ascii: "d")])
  }

  private func datasetRecords(prefix: [UInt8]) throws -> [DatasetVersion] {
    try catalog.entries(prefix: prefix, in: .datasets).map { entry in
      let version = try DatasetVersion(record: entry.value, store: path)
      let (name, number) = (version.manifest.name, version.manifest.version)
      let isDropped = prefix.first == UInt8(ascii: "d")
      guard DatasetVersion.key(name: name, version: number, isDropped: isDropped) == entry.key
      else {
        throw DatasetError.corrupt(
          place: path + "/catalog", reason: "\(version.title) stands under another version's key")
      }
      return version
    }
  }

  /// The version that a reference names: the newest where it names none.
  ///
  /// - Throws: `DatasetError.noSuchDataset`, `.noSuchVersion`.
  public func datasetVersion(_ reference: DatasetReference) throws -> DatasetVersion {
    let versions = try datasetVersions(named: reference.name)
    guard let newest = versions.last else {
      let names = Set(try datasetVersions().map(\.manifest.name)).sorted()
      throw DatasetError.noSuchDataset(name: reference.name, available: names)
    }
    guard let version = reference.version else { return newest }
    guard let found = versions.first(where: { $0.manifest.version == version }) else {
      throw DatasetError.noSuchVersion(
        name: reference.name, version: version, available: versions.map(\.manifest.version))
    }
    return found
  }

  /// Takes versions of a dataset out of the store: one, or all where the reference names none.
  /// Their data stays until it is collected (`collectGarbage`), and readers go on reading.
  ///
  /// - Returns: what was dropped.
  public func dropDataset(_ reference: DatasetReference) throws -> [DatasetVersion] {
    let found = try datasetVersion(reference)
    let dropped =
      reference.version == nil ? try datasetVersions(named: reference.name) : [found]
    try catalog.commit(
      dropped.flatMap { version -> [Catalog.Edit] in
        let (name, number) = (version.manifest.name, version.manifest.version)
        return [
          .init(DatasetVersion.key(name: name, version: number), nil, in: .datasets),
          .init(
            DatasetVersion.key(name: name, version: number, isDropped: true),
            try version.record(), in: .datasets),
        ]
      })
    return dropped
  }

  /// The number that the next version of this name will have.
  func nextVersion(ofDataset name: String) throws -> Int {
    let counter = try catalog.value(of: DatasetVersion.counterKey(name: name), in: .datasets)
    let highest = counter.map { Int(String(decoding: $0, as: UTF8.self)) } ?? 0
    guard let highest, (0..<Int(UInt32.max) - 1).contains(highest) else {
      throw DatasetError.corrupt(
        place: path + "/catalog", reason: "the counter of \(name)'s versions is no number")
    }
    let present = try datasetVersions(named: name).last?.manifest.version ?? 0
    return max(highest, present) + 1
  }

  /// The folder of chunks, as a backend.
  public var chunks: LocalChunks {
    LocalChunks(folder: path + "/chunks", temporary: path + "/tmp")
  }

  /// The folder of manifest pages, as a backend.
  public var manifestPages: LocalChunks {
    LocalChunks(folder: path + "/pages", temporary: path + "/tmp")
  }
}
