import Storage

/// A store whose present state is read: what is published at each question, not only what was when
/// it was opened.
public final class LiveStore: Sendable {
  /// The store's folder.
  public let path: String

  /// Opens the store in the folder `path` for reading.
  ///
  /// - Throws: `StorageError` where there is none.
  public init(path: String) throws {
    self.path = path
    _ = try Store(path: path, mode: .reading)
  }

  /// The store as it is now.
  public func now() throws -> Store { try Store(path: path, mode: .reading) }
}
