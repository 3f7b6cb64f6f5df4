import CSortedFiles
import Foundation

/// Writes one of RocksDB's sorted table files (SST) for a bulk load: keys ascending, a block an
/// entry, no compression, xxh3 block checksums.
///
/// One thread at a time; several writers may run beside one another on files of their own.
public final class SortedTableWriter {
  private let path: String
  private let writer: OpaquePointer

  /// Which of RocksDB's table formats a file has.
  public enum Format: Int32, Sendable {
    /// The newest whose index can be read without the block of properties. Where that block is
    /// damaged, RocksDB goes on with what it supposes, and finds less than there is in newer ones:
    /// for files that are searched through RocksDB.
    case searchable = 2
    /// For files whose values are found in another way.
    case walked = 5
  }

  /// Creates the file.
  public init(creating path: String, format: Format = .walked) throws(StorageError) {
    self.path = path
    var failure: UnsafeMutablePointer<CChar>?
    guard let writer = engram_sorted_file_create(path, format.rawValue, &failure) else {
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
