import Files
import Foundation

/// A folder with a file a document: its text, at the path that its metadata gives (`path`, or an
/// `id` that is a path).
final class FilesWriter: CorpusWriter {
  private let folder: OutputFolder

  init(_ path: String, overwrite: Bool) throws {
    folder = try OutputFolder(path, format: .files, overwrite: overwrite)
  }

  func append(_ sample: UnsafeRawBufferPointer, number: Int) throws {
    let document = try WrittenDocument(sample, number: number, path: folder.path)
    guard let json = document.value("path") ?? document.value("id"),
      let bytes = JSONString.text(Array(json))
    else {
      throw CorpusWriterError.sample(
        number: number, path: folder.path, reason: "its metadata has no path; choose jsonl")
    }
    let name = String(decoding: bytes, as: UTF8.self)
    guard PathBelow.isSafe(name) else {
      throw CorpusWriterError.sample(
        number: number, path: folder.path,
        reason: "its path \(oneLine(bytes)) does not stay in a folder; choose jsonl")
    }
    let target = folder.temporary + "/" + name
    if let slash = name.lastIndex(of: "/") {
      try make(folder.temporary + "/" + name[..<slash], number, name)
    }
    try write(document.text, to: target, number, name)
  }

  func finish() throws { try folder.finish() }

  private func make(_ path: String, _ number: Int, _ name: String) throws {
    do { try DurableFile.createFolder(path) } catch {
      guard error.code == ENOTDIR || error.code == EEXIST else { throw error }
      throw clash(number, name)
    }
  }

  private func write(
    _ text: UnsafeRawBufferPointer, to path: String, _ number: Int, _ name: String
  ) throws {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else {
      if errno == EEXIST || errno == EISDIR || errno == ENOTDIR { throw clash(number, name) }
      throw FileError("create", path)
    }
    defer { close(descriptor) }
    var done = 0
    while done < text.count {
      let written = Foundation.write(descriptor, text.baseAddress! + done, text.count - done)
      if written < 0 {
        if errno == EINTR { continue }
        throw FileError("write", path)
      }
      done += written
    }
  }

  private func clash(_ number: Int, _ name: String) -> CorpusWriterError {
    .sample(
      number: number, path: folder.path,
      reason: "another document is at its path \(oneLine(name.utf8)); choose jsonl")
  }
}
