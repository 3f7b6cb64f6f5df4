import CKernels
import Files
import Foundation
import Synchronization

/// A mapped file of ours whose bytes are compared with their checksums before they are used: a
/// page of 64 KiB when it is first touched, and never again by this object.
///
/// The file: data, then the CRC32C of each page of it (4 bytes, little-endian), then a trailer of
/// 24 bytes: the size of the data (8), the CRC32C of the list of sums (4), the CRC32C of the salt (4),
/// `engram-p`. Sums begin with that of the salt, so that pages of another file are found.
package final class CheckedFile: Sendable {
  package static let pageBytes = 1 << 16
  static let trailerBytes = 24
  static let magic = Array("engram-p".utf8)

  /// Bytes of data.
  package let count: Int
  /// The file's path.
  package var path: String { file.path }
  private let file: MappedFile
  private let seed: UInt32
  /// A bit a page, set once it was checked.
  private let checked: CheckedPages

  /// Opens a file and checks its list of sums.
  ///
  /// - Parameter salt: what the file was written with: its version's identity and its name.
  /// - Throws: `StorageError.corruptFile`, `FileError`.
  package init(path: String, salt: String, access: MappedFile.Access = .normal) throws {
    let file = try MappedFile(path: path, access: access)
    func corrupt(_ reason: String) -> StorageError { .corruptFile(path: path, reason: reason) }
    let bytes = file.bytes
    guard bytes.count >= Self.trailerBytes else {
      throw corrupt("it has \(bytes.count) bytes, fewer than a trailer")
    }
    let trailer = bytes.count - Self.trailerBytes
    guard bytes[(trailer + 16)...].elementsEqual(Self.magic) else {
      throw corrupt("its last bytes are no trailer of such a file")
    }
    let size = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: trailer, as: UInt64.self))
    guard size <= UInt64(trailer) else {
      throw corrupt("its trailer tells of \(size) bytes of data, more than it has")
    }
    let count = Int(size)
    let pages = (count + Self.pageBytes - 1) / Self.pageBytes
    guard trailer - count == 4 * pages else {
      throw corrupt("its trailer tells of \(count) bytes of data, its size of others")
    }
    let seed = Self.seed(salt)
    let listSum = UInt32(
      littleEndian: bytes.loadUnaligned(fromByteOffset: trailer + 8, as: UInt32.self))
    let saltSum = UInt32(
      littleEndian: bytes.loadUnaligned(fromByteOffset: trailer + 12, as: UInt32.self))
    guard saltSum == seed else { throw corrupt("it belongs to something else") }
    guard engram_crc32c(seed, bytes.baseAddress! + count, 4 * pages) == listSum else {
      throw corrupt("its list of checksums has changed")
    }
    self.file = file
    self.count = count
    self.seed = seed
    checked = CheckedPages(words: (pages + 63) / 64)
  }

  static func seed(_ salt: String) -> UInt32 {
    var salt = salt
    return salt.withUTF8 { engram_crc32c(0, $0.baseAddress, $0.count) }
  }

  /// The bytes of a range, checked. Valid while this object lives.
  ///
  /// - Throws: `StorageError.corruptFile` where the range is not within the data, or a page of it
  ///   has changed.
  package func bytes(_ range: Range<Int>) throws(StorageError) -> UnsafeRawBufferPointer {
    guard range.lowerBound >= 0, range.upperBound <= count else {
      throw .corruptFile(
        path: path, reason: "bytes \(range) are asked for, it has \(count) of data")
    }
    guard !range.isEmpty else { return UnsafeRawBufferPointer(start: nil, count: 0) }
    let first = range.lowerBound / Self.pageBytes
    let last = (range.upperBound - 1) / Self.pageBytes
    for page in first...last where !checked.contains(page) { try check(page) }
    return UnsafeRawBufferPointer(rebasing: file.bytes[range])
  }

  /// All bytes of data, checked.
  package func allBytes() throws(StorageError) -> UnsafeRawBufferPointer { try bytes(0..<count) }

  private func check(_ page: Int) throws(StorageError) {
    let start = page * Self.pageBytes
    let end = min(count, start + Self.pageBytes)
    let expected = UInt32(
      littleEndian: file.bytes.loadUnaligned(fromByteOffset: count + 4 * page, as: UInt32.self))
    guard engram_crc32c(seed, file.bytes.baseAddress! + start, end - start) == expected else {
      throw .corruptFile(path: path, reason: "bytes \(start)..<\(end) have changed")
    }
    checked.insert(page)
  }
}

/// Bits that any thread may set and read; what they say never becomes untrue.
private final class CheckedPages: Sendable {
  private let words: [AtomicWord]

  final class AtomicWord: Sendable {
    let bits = Atomic<UInt64>(0)
  }

  init(words count: Int) { words = (0..<count).map { _ in AtomicWord() } }

  func contains(_ bit: Int) -> Bool {
    words[bit >> 6].bits.load(ordering: .acquiring) >> UInt64(bit & 63) & 1 != 0
  }

  func insert(_ bit: Int) {
    words[bit >> 6].bits.bitwiseOr(1 << UInt64(bit & 63), ordering: .acquiringAndReleasing)
  }
}

/// Writes a `CheckedFile` from its first byte to its last.
package final class CheckedFileWriter {
  /// Bytes of data appended so far.
  package private(set) var count = 0
  private let writer: FileWriter
  private let seed: UInt32
  private var buffer: [UInt8] = []
  private var sums: [UInt8] = []

  /// Creates the file.
  package init(creating path: String, salt: String) throws(FileError) {
    writer = try FileWriter(creating: path)
    seed = CheckedFile.seed(salt)
    buffer.reserveCapacity(CheckedFile.pageBytes)
  }

  /// Appends bytes.
  package func append(_ bytes: UnsafeRawBufferPointer) throws {
    var rest = bytes[...]
    while !rest.isEmpty {
      let piece = rest.prefix(CheckedFile.pageBytes - buffer.count)
      buffer.append(contentsOf: piece)
      rest = rest.dropFirst(piece.count)
      if buffer.count == CheckedFile.pageBytes { try flush() }
    }
    count += bytes.count
  }

  /// Appends bytes.
  package func append(_ bytes: [UInt8]) throws {
    try bytes.withUnsafeBytes { try append($0) }
  }

  /// Writes the sums and the trailer, and flushes all to the disk.
  package func finish() throws {
    if !buffer.isEmpty { try flush() }
    var end = sums
    let listSum = sums.withUnsafeBytes { engram_crc32c(seed, $0.baseAddress, $0.count) }
    withUnsafeBytes(of: UInt64(count).littleEndian) { end += $0 }
    withUnsafeBytes(of: listSum.littleEndian) { end += $0 }
    withUnsafeBytes(of: seed.littleEndian) { end += $0 }
    end += CheckedFile.magic
    try write(end)
    try writer.finish()
  }

  private func flush() throws {
    let sum = buffer.withUnsafeBytes { engram_crc32c(seed, $0.baseAddress, $0.count) }
    withUnsafeBytes(of: sum.littleEndian) { sums += $0 }
    try write(buffer)
    buffer.removeAll(keepingCapacity: true)
  }

  private func write(_ bytes: [UInt8]) throws {
    try bytes.withUnsafeBytes { try writer.append($0) }
  }
}
