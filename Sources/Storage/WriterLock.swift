import Files
import Foundation

/// The one writer's place in a store: a file lock that ends with the process, however it ends,
/// and the holder's process id for those who are refused.
package final class WriterLock: Sendable {
  private let descriptor: Int32

  /// Takes the lock, or throws `StorageError.writerIsActive` at once.
  package init(store path: String) throws {
    let file = path + "/writer.lock"
    let descriptor = open(file, O_RDWR | O_CREAT | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else { throw FileError("open", file) }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      let reason = errno
      let holder = Self.processIdentifier(in: descriptor)
      close(descriptor)
      guard reason == EWOULDBLOCK else {
        throw FileError(operation: "lock", path: file, code: reason)
      }
      throw StorageError.writerIsActive(path: path, processIdentifier: holder)
    }
    self.descriptor = descriptor
    let text = Array("\(getpid())\n".utf8)
    if ftruncate(descriptor, 0) == 0 { _ = pwrite(descriptor, text, text.count, 0) }
  }

  deinit {
    ftruncate(descriptor, 0)
    close(descriptor)
  }

  private static func processIdentifier(in descriptor: Int32) -> Int32? {
    var text = [UInt8](repeating: 0, count: 16)
    let count = pread(descriptor, &text, text.count, 0)
    guard count > 0 else { return nil }
    return Int32(String(decoding: text[..<count], as: UTF8.self).trimmingSuffix())
  }
}

extension String {
  fileprivate func trimmingSuffix() -> String {
    String(prefix { !$0.isNewline })
  }
}
