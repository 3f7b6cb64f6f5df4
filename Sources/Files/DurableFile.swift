import Foundation

/// Files and folders whose state on disk is known: written, flushed, renamed, flushed again.
public enum DurableFile {
  /// Flushes a file's data and size to the disk.
  public static func synchronize(file path: String) throws(FileError) {
    try synchronize(path, flags: O_RDONLY)
  }

  /// Flushes a folder's list of names to the disk.
  public static func synchronize(folder path: String) throws(FileError) {
    try synchronize(path, flags: O_RDONLY | O_DIRECTORY)
  }

  /// Moves `source` to `destination` (same file system), which is replaced where it is a file,
  /// and flushes both folders.
  public static func rename(_ source: String, to destination: String) throws(FileError) {
    guard Foundation.rename(source, destination) == 0 else {
      throw FileError("rename \(source) to", destination)
    }
    let from = folder(of: source)
    let to = folder(of: destination)
    try synchronize(folder: to)
    if from != to { try synchronize(folder: from) }
  }

  /// Exchanges two files or folders of one file system at once, and flushes the folders they lie in:
  /// at no moment is one of the two paths without a file.
  ///
  /// - Returns: false where the file system has no such call; nothing has changed then.
  public static func exchange(_ one: String, with other: String) throws(FileError) -> Bool {
    guard renameExchanging(AT_FDCWD, one, AT_FDCWD, other, 2) == 0 else {
      if errno == EINVAL || errno == ENOSYS { return false }
      throw FileError("exchange \(one) with", other)
    }
    let first = folder(of: one)
    let second = folder(of: other)
    try synchronize(folder: second)
    if first != second { try synchronize(folder: first) }
    return true
  }

  /// Writes a whole file so that after a crash at any moment it has either its old content or
  /// all of the new: a temporary file beside it, flushed, renamed over it, folder flushed.
  ///
  /// - Throws: `FileError`; the old file is untouched then.
  public static func write(_ bytes: UnsafeRawBufferPointer, to path: String) throws(FileError) {
    let temporary = path + ".tmp-\(getpid())"
    do throws(FileError) {
      let writer = try FileWriter(creating: temporary)
      #if PLANTED_FAULTS
      if PlantedFault.isPlanted(.renameFirst) {
        try rename(temporary, to: path)
        try writer.append(bytes)
        try writer.finish()
        return
      }
      #endif
      try writer.append(bytes)
      try writer.finish()
      try rename(temporary, to: path)
    } catch {
      unlink(temporary)
      throw error
    }
  }

  /// Writes `text` as UTF-8 by the same rule.
  public static func write(_ text: String, to path: String) throws(FileError) {
    let bytes = Array(text.utf8)
    try bytes.withUnsafeBufferPointer { buffer throws(FileError) in
      try write(UnsafeRawBufferPointer(buffer), to: path)
    }
  }

  /// Reads a whole small file.
  ///
  /// - Parameter limit: the most bytes it may have; a larger file is refused (`EFBIG`).
  public static func read(_ path: String, limit: Int = 1 << 30) throws(FileError) -> [UInt8] {
    let file = try MappedFile(path: path, access: .sequential)
    guard file.count <= limit else {
      throw FileError(operation: "read", path: path, code: EFBIG)
    }
    return withExtendedLifetime(file) { Array(file.bytes) }
  }

  /// Makes a folder and those above it, and flushes their names to the disk; what is there already is
  /// no error.
  public static func createDurableFolder(_ path: String) throws(FileError) {
    var path = path
    while path.count > 1, path.hasSuffix("/") { path.removeLast() }
    var missing: [String] = []
    var above = path
    while !isFolder(above) {
      missing.append(above)
      let next = folder(of: above)
      guard next != above else { break }
      above = next
    }
    try createFolder(path)
    for made in missing.reversed() { try synchronize(folder: folder(of: made)) }
    // Perhaps made by a process that ended before it flushed the name.
    if missing.isEmpty { try? synchronize(folder: folder(of: path)) }
  }

  /// Makes a folder and those above it; one that is there already is no error.
  public static func createFolder(_ path: String) throws(FileError) {
    guard mkdir(path, 0o777) != 0 else { return }
    switch errno {
    case EEXIST:
      var status = stat()
      guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else {
        throw FileError(operation: "make the folder", path: path, code: ENOTDIR)
      }
    case ENOENT:
      let parent = folder(of: path)
      guard parent != path else { throw FileError("make the folder", path) }
      try createFolder(parent)
      guard mkdir(path, 0o777) == 0 || errno == EEXIST else {
        throw FileError("make the folder", path)
      }
    default:
      throw FileError("make the folder", path)
    }
  }

  /// The names in a folder, sorted, without `.` and `..`.
  public static func names(in path: String) throws(FileError) -> [String] {
    guard let stream = opendir(path) else { throw FileError("list", path) }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name != "." && name != ".." { names.append(name) }
    }
    return names.sorted()
  }

  /// Removes a file, or a folder with all that is in it; one that is not there is no error.
  public static func remove(_ path: String) throws(FileError) {
    var status = stat()
    guard lstat(path, &status) == 0 else {
      if errno == ENOENT { return }
      throw FileError("stat", path)
    }
    if status.st_mode & S_IFMT == S_IFDIR {
      for name in try names(in: path) { try remove(path + "/" + name) }
      guard rmdir(path) == 0 || errno == ENOENT else { throw FileError("remove", path) }
    } else {
      guard unlink(path) == 0 || errno == ENOENT else { throw FileError("remove", path) }
    }
  }

  /// The size of a file in bytes, `nil` where there is none.
  public static func size(of path: String) -> Int? {
    var status = stat()
    guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
    return Int(status.st_size)
  }

  /// The number that names of the same file share.
  public static func inode(of path: String) throws(FileError) -> UInt {
    var status = stat()
    guard stat(path, &status) == 0 else { throw FileError("stat", path) }
    return UInt(status.st_ino)
  }

  /// Whether there is a folder at `path`.
  public static func isFolder(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }

  /// The folder part of a path; `.` for a bare name.
  static func folder(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  private static func synchronize(_ path: String, flags: Int32) throws(FileError) {
    let descriptor = open(path, flags | O_CLOEXEC)
    guard descriptor >= 0 else { throw FileError("open", path) }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 else { throw FileError("flush", path) }
  }
}

/// Linux's `renameat2`, which Foundation does not show; flag 2 is RENAME_EXCHANGE.
@_silgen_name("renameat2")
private func renameExchanging(
  _ oneFolder: Int32, _ one: UnsafePointer<CChar>, _ otherFolder: Int32,
  _ other: UnsafePointer<CChar>, _ flags: UInt32
) -> Int32
