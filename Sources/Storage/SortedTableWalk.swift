import CSortedFiles
import Files
import Foundation

/// A walk over all entries of a sorted table file, in key order, through RocksDB's own reader: it
/// says where in the file each value lies.
public enum SortedTableWalk {
  /// An entry's value: its size, and its place where it lies in the file as it is.
  public struct Value: Sendable {
    /// Bytes.
    public let count: Int
    /// Byte offset in the file; nil where the bytes are a copy (of a compressed block, say).
    public let offset: Int?
  }

  /// Calls `body` with each key and where its value lies.
  ///
  /// Memory stays bounded: what was passed of the mapping is given back.
  ///
  /// - Parameter isNew: whether this process has just written the file: it is not compared with its
  ///   checksums, and values are not read.
  /// - Throws: `StorageError.database` where RocksDB finds the file damaged; what `body` throws.
  public static func forEach(
    in path: String, isNew: Bool = false,
    _ body: (_ key: UnsafeRawBufferPointer, _ value: Value) throws -> Void
  ) throws {
    var failure: UnsafeMutablePointer<CChar>?
    guard let walk = engram_sorted_file_open(path, isNew ? 0 : 1, &failure) else {
      throw RocksDatabase.error(&failure, "open", path)
    }
    defer { engram_sorted_file_close(walk) }
    let mappings = try SystemMappings.of(file: path)
    var releasedUpTo = 0
    var key: UnsafePointer<UInt8>?
    var keyCount = 0
    var value: UnsafePointer<UInt8>?
    var valueCount = 0
    while engram_sorted_file_next(walk, &key, &keyCount, &value, &valueCount, &failure) != 0 {
      let address = UInt(bitPattern: value)
      // An anchor reader and the walk map the file once each at most; either will do.
      let mapping = mappings.first { $0.addresses.contains(address) }
      let offset = mapping.map { Int(address - $0.addresses.lowerBound) + $0.fileOffset }
      try body(
        UnsafeRawBufferPointer(start: key, count: keyCount),
        Value(count: valueCount, offset: offset))
      if let mapping, let offset, offset - releasedUpTo > 32 << 20 {
        let upper = (offset - mapping.fileOffset) / 4096 * 4096
        let start = UnsafeMutableRawPointer(bitPattern: mapping.addresses.lowerBound)
        madvise(start, upper, MADV_DONTNEED)
        releasedUpTo = offset
      }
    }
    if failure != nil { throw RocksDatabase.error(&failure, "read", path) }
  }
}

/// Which parts of a file this process has mapped where, as the system lists them.
enum SystemMappings {
  struct Mapping {
    var addresses: Range<UInt>
    var fileOffset: Int
  }

  static func of(file path: String) throws(FileError) -> [Mapping] {
    guard let real = realpath(path, nil) else { throw FileError("resolve", path) }
    defer { free(real) }
    let name = String(cString: real)
    guard let stream = fopen("/proc/self/maps", "r") else {
      throw FileError("open", "/proc/self/maps")
    }
    defer { fclose(stream) }
    var line: UnsafeMutablePointer<CChar>?
    var capacity = 0
    defer { free(line) }
    var mappings: [Mapping] = []
    while getline(&line, &capacity, stream) > 0, let line {
      // "7f00-7f10 r--s 00000000 fe:00 1234   /folder/000008.sst"
      let text = String(cString: line)
      guard text.dropLast().hasSuffix(name) else { continue }
      let fields = text.split(separator: " ", maxSplits: 3, omittingEmptySubsequences: true)
      let bounds = fields[0].split(separator: "-")
      guard fields.count > 3, bounds.count == 2, let lower = UInt(bounds[0], radix: 16),
        let upper = UInt(bounds[1], radix: 16), lower < upper,
        let offset = Int(fields[2], radix: 16)
      else { continue }
      mappings.append(Mapping(addresses: lower..<upper, fileOffset: offset))
    }
    return mappings
  }
}
