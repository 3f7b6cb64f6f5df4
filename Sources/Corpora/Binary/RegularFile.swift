import Files
import Foundation

/// A file that is read at any place, by `pread`. Unlike a mapping it cannot end the process where
/// somebody cuts the file meanwhile, and its bytes go straight into the caller's buffer.
final class RegularFile {
  /// The file's path, as it was given.
  let path: String
  /// Size in bytes when it was opened.
  let count: Int
  /// Time of the last change when it was opened, in nanoseconds since 1970.
  let modified: Int
  private let descriptor: Int32

  /// Opens a file; what is no regular file is refused before anything waits on it.
  init(path: String) throws {
    var status = stat()
    guard stat(path, &status) == 0 else { throw FileError("open", path) }
    try Self.checkKind(status)
    descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
    guard descriptor >= 0 else { throw FileError("open", path) }
    self.path = path
    guard fstat(descriptor, &status) == 0 else {
      close(descriptor)
      throw FileError("stat", path)
    }
    count = Int(status.st_size)
    modified = Self.nanoseconds(status)
    // From here on `deinit` closes it.
    try Self.checkKind(status)
    posix_fadvise(descriptor, 0, 0, POSIX_FADV_SEQUENTIAL)
  }

  private static func checkKind(_ status: stat) throws(BinaryFault) {
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw BinaryFault(
        status.st_mode & S_IFMT == S_IFDIR
          ? "this is a folder, no file of this format"
          : "this is a FIFO, a socket or a device, no file; copy what it gives to a file")
    }
  }

  deinit { close(descriptor) }

  /// Reads the bytes from `offset` on; fewer than `buffer` holds only where the file ends.
  func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(FileError) -> Int {
    var filled = 0
    while filled < buffer.count {
      let piece = min(buffer.count - filled, 1 << 30)
      let got = pread(descriptor, buffer.baseAddress! + filled, piece, offset + filled)
      if got < 0 {
        if errno == EINTR { continue }
        throw FileError("read", path)
      }
      if got == 0 { break }
      filled += got
    }
    return filled
  }

  /// Whether the file has the size and the time that it had when it was opened.
  var isUnchanged: Bool {
    var status = stat()
    return fstat(descriptor, &status) == 0 && Int(status.st_size) == count
      && Self.nanoseconds(status) == modified
  }

  private static func nanoseconds(_ status: stat) -> Int {
    let seconds = Int(status.st_mtim.tv_sec).multipliedReportingOverflow(by: 1_000_000_000)
    return seconds.partialValue &+ Int(status.st_mtim.tv_nsec)
  }
}
