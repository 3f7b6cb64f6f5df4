import Files
import Foundation

/// A new folder of a test's own, removed with the object.
public final class ScratchFolder: Sendable {
  /// The folder.
  public let path: String

  /// Makes the folder.
  public init() throws {
    path = NSTemporaryDirectory() + "engram-test-\(UUID().uuidString)"
    try DurableFile.createFolder(path)
  }

  deinit { try? DurableFile.remove(path) }

  /// A path in the folder.
  public func callAsFunction(_ name: String) -> String { path + "/" + name }
}
