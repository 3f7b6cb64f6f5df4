import Files

/// Why a source cannot be read to its end.
public enum CompressionError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The compressed stream stops in the middle, `offset` compressed bytes behind its start.
  case cutOff(path: String, format: CompressionFormat, offset: Int)
  /// What stands at about `offset` in the compressed stream cannot be: damage, or another format.
  case damaged(path: String, format: CompressionFormat, offset: Int, reason: String)
  /// Reading it takes more memory than one source may have.
  case windowTooLarge(path: String, limit: Int)
  /// There is more than `limit` bytes in it.
  case tooLarge(path: String, limit: Int)
  /// It is a FIFO, a socket, a device or a folder, from which reading may never end.
  case notAFile(path: String, kind: String)
  /// Size or time of the last change are not what they were when it was opened.
  case changed(path: String)
  /// The system refuses.
  case file(FileError)

  /// One line: what, where, what to do.
  public var description: String {
    switch self {
    case .cutOff(let path, let format, let offset):
      "\(path): the \(format.rawValue) stream is cut off after \(offset) bytes; get a whole copy"
    case .damaged(let path, let format, let offset, let reason):
      "\(path): the \(format.rawValue) stream is damaged near byte \(offset): \(reason);"
        + " get a whole copy"
    case .windowTooLarge(let path, let limit):
      "\(path): its zstd window is larger than \(limit >> 20) MiB; unpack it with"
        + " `zstd -d --long=31` and read that"
    case .tooLarge(let path, let limit): "\(path): it has more than \(limit) bytes"
    case .notAFile(let path, let kind):
      "\(path): this is \(kind), no file; copy what it gives to a file or to standard input"
    case .changed(let path):
      "\(path): it changed while it was read; read it again when nobody writes it"
    case .file(let error): error.description
    }
  }

  /// The same without the path, for a message that names it already.
  public var reason: String {
    switch self {
    case .cutOff(let path, _, _), .damaged(let path, _, _, _), .windowTooLarge(let path, _),
      .tooLarge(let path, _), .notAFile(let path, _), .changed(let path):
      String(description.dropFirst(path.count + 2))
    case .file(let error): error.description
    }
  }
}
