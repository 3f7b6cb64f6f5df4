import Files
import Foundation

/// The bytes of a file, or of standard input (`-`).
///
/// A FIFO, a socket, a device or a folder is refused before anything waits on it; standard input
/// may be any of them. One thread at a time.
public final class FileByteSource: ByteSource {
  /// The file's path, as it was given.
  public let path: String
  /// The file's size in bytes when it was opened; -1 for standard input.
  public let size: Int
  /// Time of the last change when it was opened, in nanoseconds since 1970; 0 for standard input.
  public let modified: Int
  /// Bytes before the next one, from the file's start.
  public private(set) var offset: Int

  private let descriptor: Int32
  private var isStandardInput: Bool { descriptor == STDIN_FILENO }

  /// Opens a file.
  ///
  /// - Parameter systemPath: the path's bytes, where they are not UTF-8 and `path` only shows them.
  /// - Parameter offset: where to start, in bytes; ignored for standard input. Behind the end there
  ///   is nothing to read, which is no error.
  /// - Throws: `CompressionError.file` and `.notAFile`.
  public init(
    path: String, systemPath: [UInt8]? = nil, startingAt offset: Int = 0
  ) throws(CompressionError) {
    self.path = path
    guard path != "-" || systemPath != nil else {
      (descriptor, size, modified, self.offset) = (STDIN_FILENO, -1, 0, 0)
      return
    }
    let name = (systemPath ?? Array(path.utf8)).map { CChar(bitPattern: $0) } + [0]
    // Asked first, since opening alone does something to some devices; then again about what was
    // opened. Without waiting: a FIFO may have taken the file's place meanwhile.
    var status = stat()
    guard stat(name, &status) == 0 else { throw .file(FileError("open", path)) }
    try Self.checkKind(status, path)
    descriptor = open(name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
    guard descriptor >= 0 else { throw .file(FileError("open", path)) }
    guard fstat(descriptor, &status) == 0 else {
      let error = FileError("stat", path)
      close(descriptor)
      throw .file(error)
    }
    do { try Self.checkKind(status, path) } catch {
      close(descriptor)
      throw error
    }
    size = Int(status.st_size)
    modified = Self.modified(status)
    self.offset = max(0, offset)
    posix_fadvise(descriptor, 0, 0, POSIX_FADV_SEQUENTIAL)
  }

  deinit {
    if !isStandardInput { close(descriptor) }
  }

  /// - Throws: `CompressionError.file`.
  public func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
    let wanted = min(buffer.count, 1 << 30)
    while true {
      let count =
        isStandardInput
        ? Foundation.read(descriptor, buffer.baseAddress, wanted)
        : pread(descriptor, buffer.baseAddress, wanted, off_t(offset))
      if count >= 0 {
        offset += count
        return count
      }
      switch errno {
      case EINTR: continue
      case EAGAIN where isStandardInput:
        var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        poll(&waiting, 1, -1)
      default: throw CompressionError.file(FileError("read", path))
      }
    }
  }

  /// - Throws: `CompressionError.changed` where the file's size or time of the last change differ
  ///   from those when it was opened.
  public func checkUnchanged() throws(CompressionError) {
    guard !isStandardInput else { return }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw .file(FileError("stat", path)) }
    guard Int(status.st_size) == size, Self.modified(status) == modified else {
      throw .changed(path: path)
    }
  }

  private static func modified(_ status: stat) -> Int {
    Int(status.st_mtim.tv_sec) &* 1_000_000_000 &+ Int(status.st_mtim.tv_nsec)
  }

  private static func checkKind(_ status: stat, _ path: String) throws(CompressionError) {
    let kind =
      switch status.st_mode & S_IFMT {
      case S_IFREG: ""
      case S_IFDIR: "a folder"
      case S_IFIFO: "a FIFO"
      case S_IFSOCK: "a socket"
      default: "a device"
      }
    if !kind.isEmpty { throw .notAFile(path: path, kind: kind) }
  }
}
