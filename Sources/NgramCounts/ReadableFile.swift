import Files
import Foundation

/// A file that is read by ranges, not mapped: whoever owns it may cut it off meanwhile.
final class ReadableFile {
  let path: String
  /// Its size when it was opened.
  let count: Int
  private let descriptor: Int32

  init(path: String) throws(FileError) {
    self.path = path
    descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw FileError("open", path) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else {
      close(descriptor)
      throw FileError("stat", path)
    }
    guard status.st_mode & S_IFMT == S_IFREG else {
      close(descriptor)
      throw FileError(
        operation: "read", path: path,
        code: status.st_mode & S_IFMT == S_IFDIR ? EISDIR : EINVAL)
    }
    count = Int(status.st_size)
  }

  deinit { close(descriptor) }

  /// Bytes of a range that lies in the file's size.
  ///
  /// - Throws: `CountError.corruptRun` where the file was cut off since.
  func read(at offset: Int, count: Int) throws -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    try bytes.withUnsafeMutableBytes { try read(at: offset, into: $0) }
    return bytes
  }

  /// Fills a buffer.
  func read(at offset: Int, into buffer: UnsafeMutableRawBufferPointer) throws {
    var done = 0
    while done < buffer.count {
      let read = pread(
        descriptor, buffer.baseAddress! + done, buffer.count - done, off_t(offset + done))
      if read < 0, errno == EINTR { continue }
      guard read >= 0 else { throw FileError("read", path) }
      guard read > 0 else {
        throw CountError.corruptRun(path: path, offset: offset + done, reason: "it ends here")
      }
      done += read
    }
  }
}
