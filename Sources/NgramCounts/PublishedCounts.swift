import Foundation
import Storage

/// A version of published counts as the catalog names it.
public struct PublishedCounts: Codable, Hashable, Sendable {
  /// The counts' name.
  public var name: String
  /// Their version.
  public var version: Int
  /// The folder under `tables/`.
  public var id: String
  /// The manifest's identity.
  public var identity: String
  /// SHA-256 of the version's list of file checksums.
  public var checksums: String
  /// When it was published, ISO 8601, UTC.
  public var published: String
  /// `name@version`.
  public var title: String { "\(name)@\(version)" }

  /// Key of a version: `n`, the name, a zero byte, the version in 4 bytes, big-endian.
  static func key(name: String, version: Int) -> [UInt8] {
    prefix(name: name) + withUnsafeBytes(of: UInt32(version).bigEndian) { Array($0) }
  }

  static func prefix(name: String) -> [UInt8] { [UInt8(ascii: "n")] + Array(name.utf8) + [0] }

  /// Key of the highest version number that a name ever had.
  static func counterKey(name: String) -> [UInt8] { [UInt8(ascii: "m")] + Array(name.utf8) }

  func record() throws -> [UInt8] { try CanonicalJSON.encode(self) }
}

/// Counts by name, with or without a version: `name` or `name@3`.
public struct CountsReference: Hashable, Sendable, CustomStringConvertible {
  /// The counts' name.
  public let name: String
  /// The version asked for; the newest where `nil`.
  public let version: Int?

  /// A name and a version.
  public init(name: String, version: Int? = nil) {
    self.name = name
    self.version = version
  }

  /// Reads `name` or `name@version`.
  public init(parsing text: String) throws(CountError) {
    guard let parsed = VersionedName(parsing: text) else { throw .badName(text) }
    self.init(name: parsed.name, version: parsed.version)
  }

  /// `name` or `name@version`.
  public var description: String { version.map { "\(name)@\($0)" } ?? name }
}

extension Store {
  /// All published counts, by name and version.
  public func publishedCounts() throws -> [PublishedCounts] {
    try countRecords(prefix: [UInt8(ascii: "n")])
  }

  private func countRecords(prefix: [UInt8]) throws -> [PublishedCounts] {
    try catalog.entries(prefix: prefix, in: .tables).map { entry in
      guard
        let counts = try? JSONDecoder().decode(PublishedCounts.self, from: Data(entry.value)),
        (1..<Int(UInt32.max)).contains(counts.version),
        PublishedCounts.key(name: counts.name, version: counts.version) == entry.key
      else {
        throw CountError.corruptFile(
          path: path + "/catalog", reason: "a record of it is no version of counts")
      }
      return counts
    }
  }

  /// The version that a reference names: the newest where it names none.
  ///
  /// - Throws: `CountError.noSuchCounts`, `.noSuchVersion`.
  public func publishedCounts(_ reference: CountsReference) throws -> PublishedCounts {
    let versions = try countRecords(prefix: PublishedCounts.prefix(name: reference.name))
    guard let newest = versions.last else {
      let names = Set(try publishedCounts().map(\.name)).sorted()
      throw CountError.noSuchCounts(name: reference.name, available: names)
    }
    guard let version = reference.version else { return newest }
    guard let found = versions.first(where: { $0.version == version }) else {
      throw CountError.noSuchVersion(
        name: reference.name, version: version, available: versions.map(\.version))
    }
    return found
  }

  /// Whether a version is published at this moment, whatever this store showed when it was opened.
  public func isPublishedNow(_ counts: PublishedCounts) throws -> Bool {
    try Store(path: path, mode: .reading).publishedCounts().contains(counts)
  }

  /// Takes versions of counts out of the store: one, or all where the reference names none.
  /// Processes that have them open go on reading.
  ///
  /// - Returns: what was dropped.
  public func dropCounts(_ reference: CountsReference) throws -> [PublishedCounts] {
    let found = try publishedCounts(reference)
    let dropped =
      reference.version == nil
      ? try countRecords(prefix: PublishedCounts.prefix(name: reference.name)) : [found]
    try withdraw(
      folders: dropped.map(\.id),
      edits: dropped.map {
        .init(PublishedCounts.key(name: $0.name, version: $0.version), nil, in: .tables)
      })
    return dropped
  }

  /// The number that the next version of this name will have.
  func nextVersion(ofCounts name: String) throws -> Int {
    let counter = try catalog.value(of: PublishedCounts.counterKey(name: name), in: .tables)
    let highest = counter.flatMap { Int(String(decoding: $0, as: UTF8.self)) } ?? 0
    let present = try countRecords(prefix: PublishedCounts.prefix(name: name)).last?.version ?? 0
    return max(highest, present) + 1
  }
}
