import Foundation
import Storage

/// A table version as the catalog names it.
public struct PublishedTable: Codable, Hashable, Sendable {
  /// The table's name.
  public var name: String
  /// Its version.
  public var version: Int
  /// The folder under `tables/`.
  public var id: String
  /// The manifest's identity.
  public var identity: String
  /// SHA-256 of the version's list of file checksums.
  public var checksums: String
  /// When it was published, ISO 8601, UTC.
  public var published: String

  /// Key of a version: `v`, the name, a zero byte, the version in 4 bytes, big-endian.
  static func key(name: String, version: Int) -> [UInt8] {
    prefix(name: name) + withUnsafeBytes(of: UInt32(version).bigEndian) { Array($0) }
  }

  static func prefix(name: String) -> [UInt8] { [UInt8(ascii: "v")] + Array(name.utf8) + [0] }

  /// Key of the highest version number that a name ever had.
  static func counterKey(name: String) -> [UInt8] { [UInt8(ascii: "c")] + Array(name.utf8) }

  func record() throws -> [UInt8] {
    try CanonicalJSON.encode(self)
  }

  init(record: [UInt8]) throws {
    self = try JSONDecoder().decode(PublishedTable.self, from: Data(record))
  }

  init(
    name: String, version: Int, id: String, identity: String, checksums: String,
    published: String
  ) {
    self.name = name
    self.version = version
    self.id = id
    self.identity = identity
    self.checksums = checksums
    self.published = published
  }
}

/// A table's name with or without a version: `name` or `name@3`.
public struct TableReference: Hashable, Sendable, CustomStringConvertible {
  /// The table's name.
  public let name: String
  /// The version asked for; the newest where `nil`.
  public let version: Int?

  /// A name and a version.
  public init(name: String, version: Int? = nil) {
    self.name = name
    self.version = version
  }

  /// Reads `name` or `name@version`.
  public init(parsing text: String) throws(TableError) {
    guard let parsed = VersionedName(parsing: text) else { throw .badName(text) }
    self.init(name: parsed.name, version: parsed.version)
  }

  /// `name` or `name@version`.
  public var description: String { version.map { "\(name)@\($0)" } ?? name }

  static func checkName(_ name: String) throws(TableError) {
    guard VersionedName.isName(name) else { throw .badName(name) }
  }
}

extension Store {
  /// All published table versions, by name and version.
  public func publishedTables() throws -> [PublishedTable] {
    try catalog.entries(prefix: [UInt8(ascii: "v")], in: .tables).map {
      try PublishedTable(record: $0.value)
    }
  }

  /// The version that a reference names: the newest where it names none.
  ///
  /// - Throws: `TableError.noSuchTable`, `.noSuchVersion`.
  public func publishedTable(_ reference: TableReference) throws -> PublishedTable {
    let versions = try publishedTables(named: reference.name)
    guard let newest = versions.last else {
      let names = Set(try publishedTables().map(\.name)).sorted()
      throw TableError.noSuchTable(name: reference.name, available: names)
    }
    guard let version = reference.version else { return newest }
    guard let found = versions.first(where: { $0.version == version }) else {
      throw TableError.noSuchVersion(
        name: reference.name, version: version, available: versions.map(\.version))
    }
    return found
  }

  /// Whether a version is published at this moment. A store that is open for reading shows the
  /// moment when it was opened; another process may have dropped a version since.
  public func isPublishedNow(_ table: PublishedTable) throws -> Bool {
    try Store(path: path, mode: .reading).publishedTables().contains(table)
  }

  func publishedTables(named name: String) throws -> [PublishedTable] {
    try catalog.entries(prefix: PublishedTable.prefix(name: name), in: .tables).map {
      try PublishedTable(record: $0.value)
    }
  }

  /// Takes versions of a table out of the store: one, or all where the reference names none.
  /// Processes that have them open go on reading.
  ///
  /// - Returns: what was dropped.
  public func dropTable(_ reference: TableReference) throws -> [PublishedTable] {
    let found = try publishedTable(reference)
    let dropped =
      reference.version == nil ? try publishedTables(named: reference.name) : [found]
    try withdraw(
      folders: dropped.map(\.id),
      edits: dropped.map {
        .init(PublishedTable.key(name: $0.name, version: $0.version), nil, in: .tables)
      })
    return dropped
  }

  /// The number that the next version of this name will have.
  func nextVersion(ofTable name: String) throws -> Int {
    let counter = try catalog.value(of: PublishedTable.counterKey(name: name), in: .tables)
    let highest = counter.flatMap { Int(String(decoding: $0, as: UTF8.self)) } ?? 0
    let present = try publishedTables(named: name).last?.version ?? 0
    return max(highest, present) + 1
  }
}
