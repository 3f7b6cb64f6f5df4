import Files
import Foundation
import Storage

/// A reader's hold on a dataset version: a shared lock on a file of the store that ends with the
/// process, however it ends. What it holds is not collected, dropped or not.
final class DatasetLease: Sendable {
  private let descriptor: Int32

  static func path(of identity: String, in store: String) -> String {
    store + "/leases/" + identity
  }

  /// Makes the file that leases of a version lock. Called before the version is published.
  static func create(identity: String, in store: String) throws(FileError) {
    try DurableFile.createFolder(store + "/leases")
    try FileWriter(creating: path(of: identity, in: store)).finish()
    try DurableFile.synchronize(folder: store + "/leases")
  }

  /// Takes a reader's hold; `nil` where the version is being collected or was.
  init?(reading identity: String, in store: String) throws(FileError) {
    let path = Self.path(of: identity, in: store)
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      if errno == ENOENT { return nil }
      throw FileError("open", path)
    }
    guard Self.lock(descriptor, LOCK_SH) else {
      close(descriptor)
      return nil
    }
    self.descriptor = descriptor
  }

  /// Takes the collector's hold; `nil` where a reader has the version open, or the file is gone.
  init?(collecting identity: String, in store: String) {
    let descriptor = open(Self.path(of: identity, in: store), O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    guard Self.lock(descriptor, LOCK_EX) else {
      close(descriptor)
      return nil
    }
    self.descriptor = descriptor
  }

  deinit { close(descriptor) }

  /// Locks without waiting. A file that lost its name in between belongs to a collected version.
  private static func lock(_ descriptor: Int32, _ kind: Int32) -> Bool {
    guard flock(descriptor, kind | LOCK_NB) == 0 else { return false }
    var status = stat()
    return fstat(descriptor, &status) == 0 && status.st_nlink > 0
  }
}
