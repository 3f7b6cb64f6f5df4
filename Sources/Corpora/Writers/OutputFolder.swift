import Files
import Foundation

/// A folder that is made beside its place and put there whole.
final class OutputFolder {
  /// Where the folder will be.
  let path: String
  /// Where its files are written until then.
  let temporary: String
  private let format: CorpusWriterFormat
  private let overwrite: Bool
  private var isFinished = false

  /// - Throws: `CorpusWriterError.exists` where there is something other than an empty folder and
  ///   `overwrite` is false, `.foreign` where it is true but the folder is of no such format.
  init(_ path: String, format: CorpusWriterFormat, overwrite: Bool) throws {
    var path = path
    while path.count > 1, path.hasSuffix("/") { path.removeLast() }
    self.path = path
    self.format = format
    self.overwrite = overwrite
    temporary = path + ".tmp-\(getpid())"
    _ = try Self.isFree(path, format, overwrite)
    try DurableFile.remove(temporary)
    try DurableFile.createFolder(temporary)
  }

  deinit {
    if !isFinished { try? DurableFile.remove(temporary) }
  }

  /// The folder's own name.
  var name: String { String(path.split(separator: "/").last ?? "corpus") }

  /// Flushes all files to the disk and puts the folder in its place.
  func finish() throws {
    try Self.synchronize(temporary)
    if try !Self.isFree(path, format, overwrite) {
      // The earlier export stays in its place until the new one is there.
      if try DurableFile.exchange(temporary, with: path) {
        isFinished = true
        try DurableFile.remove(temporary)
        return
      }
      let old = path + ".old-\(getpid())"
      try DurableFile.remove(old)
      try DurableFile.rename(path, to: old)
      do {
        try DurableFile.rename(temporary, to: path)
      } catch {
        try? DurableFile.rename(old, to: path)
        throw error
      }
      isFinished = true
      try DurableFile.remove(old)
    } else {
      try DurableFile.rename(temporary, to: path)
      isFinished = true
    }
  }

  /// Whether the folder can be put in place with nothing to be moved away.
  private static func isFree(
    _ path: String, _ format: CorpusWriterFormat, _ overwrite: Bool
  ) throws -> Bool {
    var status = stat()
    guard lstat(path, &status) == 0 else { return true }
    guard status.st_mode & S_IFMT == S_IFDIR else { throw CorpusWriterError.exists(path: path) }
    let names = try DurableFile.names(in: path)
    if names.isEmpty { return true }
    guard overwrite else { throw CorpusWriterError.exists(path: path) }
    // Only what such a writer leaves is replaced: a wrong path must not cost a folder.
    let isOwn =
      switch format {
      case .mds: names.allSatisfy { $0 == "index.json" || $0.hasSuffix(".mds") }
      case .webdataset: names.allSatisfy { $0.hasSuffix(".tar") }
      case .jsonl, .megatron, .files: false
      }
    guard isOwn else { throw CorpusWriterError.foreign(path: path, format: format) }
    return false
  }

  /// Flushes the file system that holds the folder: one call for however many files.
  private static func synchronize(_ path: String) throws(FileError) {
    let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw FileError("open", path) }
    defer { close(descriptor) }
    guard synchronizeFileSystem(descriptor) == 0 else { throw FileError("flush", path) }
  }
}

/// Linux's `syncfs`, which Foundation does not show.
@_silgen_name("syncfs")
private func synchronizeFileSystem(_ descriptor: Int32) -> Int32
