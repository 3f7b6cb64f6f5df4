import Storage

/// A dataset's name with or without a version: `name` or `name@3`.
public struct DatasetReference: Hashable, Sendable, CustomStringConvertible {
  /// The dataset's name.
  public let name: String
  /// The version asked for; the newest where `nil`.
  public let version: Int?

  /// A name and a version.
  public init(name: String, version: Int? = nil) {
    self.name = name
    self.version = version
  }

  /// Reads `name` or `name@version`.
  ///
  /// - Throws: `DatasetError.badName`.
  public init(parsing text: String) throws(DatasetError) {
    guard let parsed = VersionedName(parsing: text) else { throw .badName(text) }
    self.init(name: parsed.name, version: parsed.version)
  }

  /// `name` or `name@version`.
  public var description: String { version.map { "\(name)@\($0)" } ?? name }
}
