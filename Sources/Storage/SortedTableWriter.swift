import CSortedFiles
import Foundation

/// Writes one of RocksDB's sorted table files (SST) for a bulk load: keys ascending, no
/// compression, xxh3 block checksums.
///
/// One thread at a time; several writers may run beside one another on files of their own.
public final class SortedTableWriter {
  /// How entries lie in the file.
  public enum Layout: Sendable {
    /// A block an entry, at pages of the disk: for long values that are found by their place.
    case blockAnEntry
    /// Many entries in a block of 4 KiB: for short ones that are found by their key.
    case searchedByKey
  }

  private let path: String
  private let writer: OpaquePointer

  /// Creates the file.
  public init(
    creating path: String, layout: Layout = .blockAnEntry
  ) throws(StorageError) {
    self.path = path
    var failure: UnsafeMutablePointer<CChar>?
    let created =
      switch layout {
      case .blockAnEntry: engram_sorted_file_create(path, &failure)
      case .searchedByKey: engram_sorted_file_create_searched(path, &failure)
      }
    guard let writer = created else {
      throw RocksDatabase.error(&failure, "create", path)
    }
    self.writer = writer
  }

  deinit {
    engram_sorted_file_free(writer)
  }

  /// Adds an entry whose key is greater than those before it.
  public func put(key: [UInt8], value: UnsafeRawBufferPointer) throws(StorageError) {
    var failure: UnsafeMutablePointer<CChar>?
    guard
      engram_sorted_file_put(
        writer, key, key.count, value.baseAddress?.assumingMemoryBound(to: UInt8.self),
        value.count, &failure) != 0
    else { throw RocksDatabase.error(&failure, "write", path) }
  }

  /// Completes the file and flushes it to the disk. At least one entry must have been put.
  public func finish() throws(StorageError) {
    var failure: UnsafeMutablePointer<CChar>?
    guard engram_sorted_file_finish(writer, &failure) != 0 else {
      throw RocksDatabase.error(&failure, "finish", path)
    }
  }
}
