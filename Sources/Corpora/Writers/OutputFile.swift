import Files
import Foundation

/// A file that is written through a buffer beside its place and put there whole, or standard
/// output.
final class OutputFile {
  /// Where the file will be; `-` is standard output.
  let path: String
  /// What is not written yet; `flushIfLarge` is called after every record.
  var buffer: [UInt8] = []
  private let temporary: String
  private let overwrite: Bool
  private let writer: FileWriter?
  private var isFinished = false

  private static let bufferBytes = 1 << 20

  /// - Throws: `CorpusWriterError.exists` where there is a file and `overwrite` is false, or
  ///   where there is something that is no file; `FileError`.
  init(_ path: String, overwrite: Bool) throws {
    self.path = path
    self.overwrite = overwrite
    temporary = path + ".tmp-\(getpid())"
    if path == "-" {
      writer = nil
    } else {
      try Self.check(path, overwrite: overwrite)
      writer = try FileWriter(creating: temporary)
    }
    buffer.reserveCapacity(2 * Self.bufferBytes)
  }

  deinit {
    if !isFinished, writer != nil { try? DurableFile.remove(temporary) }
  }

  /// Bytes appended so far.
  var count: Int { (writer?.count ?? 0) + buffer.count }

  /// Writes the buffer where it has grown large.
  func flushIfLarge() throws {
    if buffer.count >= Self.bufferBytes { try flush() }
  }

  /// Writes bytes past the buffer where they are many.
  func append(_ bytes: UnsafeRawBufferPointer) throws {
    if bytes.count >= Self.bufferBytes, let writer {
      try flush()
      try writer.append(bytes)
    } else {
      buffer.append(contentsOf: bytes)
      try flushIfLarge()
    }
  }

  /// Flushes the file to the disk and puts it in its place.
  func finish() throws {
    #if PLANTED_FAULTS
    if PlantedFault.isPlanted(.renameFirst), let writer {
      try Self.check(path, overwrite: overwrite)
      try DurableFile.rename(temporary, to: path)
      isFinished = true
      try flush()
      return try writer.finish()
    }
    #endif
    try flush()
    guard let writer else { return }
    try writer.finish()
    try Self.check(path, overwrite: overwrite)
    try DurableFile.rename(temporary, to: path)
    isFinished = true
  }

  private func flush() throws {
    let writer = writer
    try buffer.withUnsafeBytes { piece in
      guard let writer else { return try Self.print(piece) }
      try writer.append(piece)
    }
    buffer.removeAll(keepingCapacity: true)
  }

  private static func print(_ bytes: UnsafeRawBufferPointer) throws(FileError) {
    var done = 0
    while done < bytes.count {
      let written = write(STDOUT_FILENO, bytes.baseAddress! + done, bytes.count - done)
      if written < 0 {
        if errno == EINTR { continue }
        throw FileError("write", "standard output")
      }
      done += written
    }
  }

  private static func check(_ path: String, overwrite: Bool) throws(CorpusWriterError) {
    var status = stat()
    guard lstat(path, &status) == 0 else { return }
    guard overwrite, status.st_mode & S_IFMT == S_IFREG else { throw .exists(path: path) }
  }
}
