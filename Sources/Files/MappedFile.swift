import Foundation

/// A whole file, mapped read-only and shared: no bytes are copied, and every process that maps
/// the file uses the same pages of memory.
///
///     let file = try MappedFile(path: "model.safetensors")
///     let magic = file.bytes.prefix(8)
///
/// The mapping lives as long as the object. The file must not shrink meanwhile: what the system
/// does then (SIGBUS) cannot be caught, so map only files that nobody writes.
public final class MappedFile: Sendable {
  /// How the pages will be visited, as a hint to the system's read-ahead.
  public enum Access: Sendable {
    /// In order: read far ahead.
    case sequential
    /// All over the file: read nothing but the page asked for.
    case random
    /// Not known.
    case normal
  }

  /// The file's path, as it was given.
  public let path: String

  // An address that never changes over memory that nobody writes: safe from every thread.
  private nonisolated(unsafe) let base: UnsafeRawPointer?

  /// The file's size in bytes, when it was mapped.
  public let count: Int

  /// Maps the file at `path`. An empty file has no bytes and no mapping.
  ///
  /// - Throws: `FileError` where it cannot be opened or mapped, or is a folder.
  /// - Complexity: O(1): pages are read when they are first touched.
  public init(path: String, access: Access = .normal) throws(FileError) {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw FileError("open", path) }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw FileError("stat", path) }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw FileError(
        operation: "map", path: path,
        code: status.st_mode & S_IFMT == S_IFDIR ? EISDIR : EINVAL)
    }
    self.path = path
    count = Int(status.st_size)
    guard count > 0 else {
      base = nil
      return
    }
    guard let address = mmap(nil, count, PROT_READ, MAP_SHARED, descriptor, 0),
      address != MAP_FAILED
    else { throw FileError("map", path) }
    base = UnsafeRawPointer(address)
    switch access {
    case .sequential:
      madvise(address, count, MADV_SEQUENTIAL)
      // Two megabytes a fault, where the page cache holds them in one piece.
      madvise(address, count, MADV_HUGEPAGE)
    case .random: madvise(address, count, MADV_RANDOM)
    case .normal: break
    }
  }

  deinit {
    if let base { munmap(UnsafeMutableRawPointer(mutating: base), count) }
  }

  /// The file's bytes. Valid only while this object lives: hold it as long as you use them.
  public var bytes: UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(start: base, count: count)
  }

  /// Asks the system to read a range of bytes from the disk soon, and does not wait.
  public func willNeed(_ range: Range<Int>) {
    let page = 4096
    let lower = range.lowerBound / page * page
    let upper = min(range.upperBound, count)
    guard let base, lower < upper else { return }
    madvise(UnsafeMutableRawPointer(mutating: base + lower), upper - lower, MADV_WILLNEED)
  }

  /// Tells the system that a range of bytes is not needed for now, so that reading a file much
  /// larger than memory leaves no trail of pages counted as this process's.
  ///
  /// - Parameter range: byte offsets; only whole pages inside it are released.
  public func release(_ range: Range<Int>) {
    let page = 4096
    let lower = (range.lowerBound + page - 1) / page * page
    let upper = min(range.upperBound, count) / page * page
    guard let base, lower < upper else { return }
    madvise(UnsafeMutableRawPointer(mutating: base + lower), upper - lower, MADV_DONTNEED)
  }
}
