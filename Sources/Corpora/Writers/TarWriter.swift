import CArchive
import Files

/// Writes a tar by libarchive: the same members give the same bytes, whoever runs it and when.
final class TarWriter {
  private let archive: OpaquePointer
  private let sink: Sink
  private let path: String

  /// What libarchive's bytes go through.
  private final class Sink {
    let writer: FileWriter
    var failure: FileError?

    init(_ writer: FileWriter) { self.writer = writer }

    func write(_ bytes: UnsafeRawBufferPointer) -> Int {
      do throws(FileError) {
        try writer.append(bytes)
        return bytes.count
      } catch {
        failure = error
        return -1
      }
    }
  }

  /// Creates the file.
  init(creating path: String) throws {
    self.path = path
    sink = Sink(try FileWriter(creating: path))
    guard let archive = archive_write_new() else {
      throw CorpusWriterError.archive(path: path, reason: "libarchive has no memory")
    }
    self.archive = archive
    archive_write_set_format_pax_restricted(archive)
    archive_write_set_bytes_per_block(archive, 1 << 20)
    archive_write_set_bytes_in_last_block(archive, 1)
    let result = archive_write_open2(
      archive, Unmanaged.passUnretained(sink).toOpaque(), nil,
      { _, sink, bytes, count in
        Unmanaged<Sink>.fromOpaque(sink!).takeUnretainedValue()
          .write(UnsafeRawBufferPointer(start: bytes, count: count))
      }, nil, nil)
    guard result == ARCHIVE_OK else { throw fault }
  }

  deinit { archive_write_free(archive) }

  /// Appends a regular file.
  func append(_ name: String, _ data: UnsafeRawBufferPointer) throws {
    guard let entry = archive_entry_new() else {
      throw CorpusWriterError.archive(path: path, reason: "libarchive has no memory")
    }
    defer { archive_entry_free(entry) }
    archive_entry_set_pathname(entry, name)
    archive_entry_set_filetype(entry, 0o100000)
    archive_entry_set_perm(entry, 0o644)
    archive_entry_set_size(entry, Int64(data.count))
    archive_entry_set_mtime(entry, 0, 0)
    guard archive_write_header(archive, entry) == ARCHIVE_OK else { throw fault }
    var done = 0
    while done < data.count {
      let written = archive_write_data(archive, data.baseAddress! + done, data.count - done)
      guard written > 0 else { throw fault }
      done += written
    }
  }

  /// Writes the archive's end and flushes the file.
  func finish() throws {
    guard archive_write_close(archive) == ARCHIVE_OK else { throw fault }
    try sink.writer.finish()
  }

  private var fault: any Error {
    if let failure = sink.failure { return failure }
    let message = archive_error_string(archive).map { String(cString: $0) } ?? "unknown error"
    return CorpusWriterError.archive(path: path, reason: oneLine(message.utf8))
  }
}
