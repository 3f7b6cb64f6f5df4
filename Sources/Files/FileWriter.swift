import Foundation

/// Writes a new file from its first byte to its last, in large pieces.
///
///     let writer = try FileWriter(creating: path)
///     try writer.append(header)
///     try writer.append(rows)
///     try writer.finish()  // flushed to the disk
///
/// One thread at a time. A writer that is dropped without `finish()` leaves an unfinished file.
public final class FileWriter {
  /// The file's path, as it was given.
  public let path: String
  /// Bytes appended so far.
  public private(set) var count = 0
  private var descriptor: Int32

  /// Creates the file, or empties one that is there.
  public init(creating path: String) throws(FileError) {
    descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else { throw FileError("create", path) }
    self.path = path
  }

  deinit {
    if descriptor >= 0 { close(descriptor) }
  }

  /// Appends all bytes of `buffer`, however many system calls that takes.
  public func append(_ buffer: UnsafeRawBufferPointer) throws(FileError) {
    var rest = buffer[...]
    while !rest.isEmpty {
      let piece = UnsafeRawBufferPointer(rebasing: rest)
      let written = write(descriptor, piece.baseAddress, min(piece.count, 1 << 30))
      if written < 0 {
        if errno == EINTR { continue }
        throw FileError("write", path)
      }
      rest = rest.dropFirst(written)
      count += written
    }
  }

  /// Flushes everything to the disk and closes the file. Flushing is tried once: a flush that
  /// failed has lost data, and trying again would only hide that.
  public func finish() throws(FileError) {
    guard fsync(descriptor) == 0 else { throw FileError("flush", path) }
    let closing = descriptor
    descriptor = -1
    guard close(closing) == 0 else { throw FileError("close", path) }
  }
}
