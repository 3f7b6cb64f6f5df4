import Digests
import Files
import Foundation
import Synchronization

/// Objects as files of a folder, `ab/<sha256>`, `ab` being the name's first two digits.
///
/// A put writes a file under a temporary folder, flushes it and renames it; the folders' own lists
/// of names are flushed by `synchronize()`, once for many puts.
public final class LocalChunks: ChunkBackend {
  /// The folder of the objects.
  public let folder: String
  private let temporary: String
  private let unflushed = Mutex<Set<String>>([])
  /// Unfinished files that this process ever made.
  private static let made = Atomic(0)

  /// Objects in `folder`.
  ///
  /// - Parameter temporary: a folder on the same file system for unfinished files.
  public init(folder: String, temporary: String) {
    self.folder = folder
    self.temporary = temporary
  }

  /// The file's path.
  public func place(of name: SHA256Digest) -> String { path(of: name.description) }

  private func path(of name: String) -> String { "\(folder)/\(name.prefix(2))/\(name)" }

  /// Stores a file, flushed; see `ChunkBackend`.
  public func putIfAbsent(_ name: SHA256Digest, _ bytes: UnsafeRawBufferPointer) throws -> Bool {
    let path = place(of: name)
    // Equal names promise equal bytes; a file that broke the promise is not built upon.
    let isThere = DurableFile.size(of: path) != nil
    let parent = folder + "/" + name.description.prefix(2)
    if isThere, try holds(path, bytes) {
      // Perhaps put by a process that ended before it flushed the folder.
      _ = unflushed.withLock { $0.insert(parent) }
      return false
    }
    let number = Self.made.add(1, ordering: .relaxed).newValue
    let unfinished = "\(temporary)/object-\(getpid())-\(number)"
    do {
      let writer = try FileWriter(creating: unfinished)
      #if PLANTED_FAULTS
      if PlantedFault.isPlanted(.renameFirst) {
        try DurableFile.createFolder(parent)
        try DurableFile.rename(unfinished, to: path)
        try writer.append(bytes)
        try writer.finish()
        _ = unflushed.withLock { $0.insert(parent) }
        return !isThere
      }
      #endif
      try writer.append(bytes)
      try writer.finish()
      try DurableFile.createFolder(parent)
      guard rename(unfinished, path) == 0 else { throw FileError("rename \(unfinished) to", path) }
    } catch {
      unlink(unfinished)
      throw error
    }
    _ = unflushed.withLock { $0.insert(parent) }
    return !isThere
  }

  private func holds(_ path: String, _ bytes: UnsafeRawBufferPointer) throws -> Bool {
    let file = try MappedFile(path: path, access: .sequential)
    return withExtendedLifetime(file) {
      file.count == bytes.count
        && (bytes.count == 0
          || memcmp(file.bytes.baseAddress!, bytes.baseAddress!, bytes.count) == 0)
    }
  }

  /// Flushes the lists of names of the folders that files were put into.
  public func synchronize() throws {
    let folders = unflushed.withLock { folders in
      defer { folders = [] }
      return folders
    }
    guard !folders.isEmpty else { return }
    for folder in folders { try DurableFile.synchronize(folder: folder) }
    try DurableFile.synchronize(folder: folder)
  }

  /// Reads a range of a file.
  public func get(_ name: SHA256Digest, range: Range<Int>) throws -> [UInt8] {
    let path = place(of: name)
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      if errno == ENOENT { throw ChunkError.missing(place: path) }
      throw FileError("open", path)
    }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw FileError("stat", path) }
    // Before memory is taken for a range that may be anybody's claim.
    guard range.upperBound <= Int(status.st_size) else { throw Self.short(path, range, status) }
    var bytes = [UInt8](repeating: 0, count: range.count)
    var done = 0
    while done < bytes.count {
      let count = bytes.withUnsafeMutableBytes {
        pread(
          descriptor, $0.baseAddress! + done, range.count - done, off_t(range.lowerBound + done))
      }
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw FileError("read", path) }
      guard count > 0, fstat(descriptor, &status) == 0 else {
        throw Self.short(path, range, status)
      }
      done += count
    }
    return bytes
  }

  private static func short(_ path: String, _ range: Range<Int>, _ status: stat) -> ChunkError {
    .corruptChunk(
      place: path,
      reason: "it ends at byte \(status.st_size), expected \(range.upperBound) or more")
  }

  /// Walks the folder; files with other names are not listed.
  public func list() throws -> [(name: SHA256Digest, bytes: Int)] {
    var found: [(name: SHA256Digest, bytes: Int)] = []
    guard DurableFile.isFolder(folder) else { return [] }
    for part in try DurableFile.names(in: folder) {
      // Anything else is not ours, and left alone.
      guard part.utf8.count == 2, DurableFile.isFolder(folder + "/" + part) else { continue }
      for text in try DurableFile.names(in: folder + "/" + part) {
        guard let name = SHA256Digest(hexadecimal: text), name.description == text,
          text.hasPrefix(part), let size = DurableFile.size(of: path(of: text))
        else { continue }
        found.append((name, size))
      }
    }
    return found
  }

  /// Removes a file.
  public func delete(_ name: SHA256Digest) throws {
    try DurableFile.remove(place(of: name))
  }

  /// Maps a file.
  public func map(_ name: SHA256Digest) throws -> MappedFile? {
    do {
      return try MappedFile(path: place(of: name), access: .normal)
    } catch let error where error.code == ENOENT {
      throw ChunkError.missing(place: place(of: name))
    }
  }
}
