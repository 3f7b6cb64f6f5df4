import ChunkStore
import Digests
import Foundation

/// A page of a manifest: some thousand extents, an immutable file named by its content, so that
/// versions which agree over a stretch share the pages of it. Layout: `Schemas/dataset.md`.
public final class ManifestPage: Sendable {
  /// What the page lists, in sample order.
  public let extents: [Extent]
  /// The first sample of each extent, counted from the page's first; then the page's samples.
  let starts: [Int]
  /// The chunks' keys, an extent each.
  let keys: [ChunkKey]

  static let magic = Array("ENGRPAGE".utf8)
  static let formatVersion: UInt32 = 1
  static let headerBytes = 16
  static let entryBytes = 72

  init(extents: [Extent]) {
    self.extents = extents
    var starts = [0]
    for extent in extents { starts.append(starts.last! + extent.count) }
    self.starts = starts
    keys = extents.map { ChunkKey($0.chunk.name) }
  }

  /// Which extent holds a sample of the page.
  ///
  /// - Parameter number: counted from the page's first, below `starts.last`.
  /// - Complexity: O(log extents).
  func extentIndex(of number: Int) -> Int {
    var low = 0
    var high = extents.count
    while high - low > 1 {
      let middle = (low + high) / 2
      if starts[middle] <= number { low = middle } else { high = middle }
    }
    return low
  }

  /// The bytes of a page of these extents.
  static func encode(_ extents: [Extent]) -> [UInt8] {
    var bytes = magic
    bytes.reserveCapacity(headerBytes + entryBytes * extents.count)
    bytes.appendLittleEndian(formatVersion)
    bytes.appendLittleEndian(UInt32(extents.count))
    for extent in extents {
      bytes.append(contentsOf: extent.chunk.name.bytes)
      bytes.appendLittleEndian(UInt64(extent.chunk.fileBytes))
      bytes.appendLittleEndian(UInt64(extent.chunk.rawBytes))
      bytes.appendLittleEndian(UInt32(extent.chunk.samples))
      bytes.appendLittleEndian(extent.chunk.checksum)
      bytes.appendLittleEndian(UInt32(extent.first))
      bytes.appendLittleEndian(UInt32(extent.count))
      bytes.appendLittleEndian(UInt64(extent.rawBytes))
    }
    return bytes
  }

  /// Reads a page's bytes, which may be anybody's.
  ///
  /// - Throws: `DatasetError.corrupt`, `.newerFormat`.
  public static func decode(_ bytes: [UInt8], place: String) throws(DatasetError) -> [Extent] {
    func wrong(_ reason: String) -> DatasetError { .corrupt(place: place, reason: reason) }
    guard bytes.count >= headerBytes, bytes.starts(with: magic) else {
      throw wrong("it is no manifest page")
    }
    let version = bytes.number(UInt32.self, at: 8)
    guard version <= formatVersion else {
      throw .newerFormat(place: place, found: Int(version), supported: Int(formatVersion))
    }
    let count = Int(bytes.number(UInt32.self, at: 12))
    guard version == formatVersion, bytes.count == headerBytes + entryBytes * count,
      count <= PageReference.extentLimit
    else {
      throw wrong("\(bytes.count) bytes do not fit \(count) extents")
    }
    var extents: [Extent] = []
    extents.reserveCapacity(count)
    for index in 0..<count {
      let at = headerBytes + entryBytes * index
      let fileBytes = bytes.number(UInt64.self, at: at + 32)
      let chunkBytes = bytes.number(UInt64.self, at: at + 40)
      let rawBytes = bytes.number(UInt64.self, at: at + 64)
      let extent = Extent(
        chunk: SealedChunk(
          name: SHA256Digest(bytes: bytes[at..<at + 32]),
          samples: Int(bytes.number(UInt32.self, at: at + 48)), rawBytes: Int(clamping: chunkBytes),
          fileBytes: Int(clamping: fileBytes), checksum: bytes.number(UInt32.self, at: at + 52)),
        first: Int(bytes.number(UInt32.self, at: at + 56)),
        count: Int(bytes.number(UInt32.self, at: at + 60)), rawBytes: Int(clamping: rawBytes))
      guard extent.count > 0, extent.first + extent.count <= extent.chunk.samples,
        extent.rawBytes <= extent.chunk.rawBytes, extent.chunk.rawBytes <= 1 << 32,
        extent.chunk.fileBytes <= 1 << 40
      else { throw wrong("extent \(index) is not within its chunk") }
      extents.append(extent)
    }
    return extents
  }
}

extension [UInt8] {
  /// The number at a place, lowest byte first; the caller knows that it is there.
  func number<Number: FixedWidthInteger>(_ type: Number.Type, at offset: Int) -> Number {
    withUnsafeBytes {
      Number(littleEndian: $0.loadUnaligned(fromByteOffset: offset, as: Number.self))
    }
  }
}

/// A page as a manifest names it.
public struct PageReference: Codable, Hashable, Sendable {
  /// SHA-256 of the page's file, 64 hexadecimal digits.
  public var name: String
  /// Extents in it.
  public var extents: Int
  /// Samples in it.
  public var samples: Int
  /// Their bytes.
  public var bytes: Int

  /// More extents than any page has.
  static let extentLimit = 1 << 20
}

extension [PageReference] {
  /// What the pages hold together; `nil` where one is out of range, whoever wrote it.
  var total: (samples: Int, bytes: Int)? {
    var total = (samples: 0, bytes: 0)
    for page in self {
      let (samples, isTooMany) = total.samples.addingReportingOverflow(page.samples)
      let (bytes, isTooLarge) = total.bytes.addingReportingOverflow(page.bytes)
      guard page.samples > 0, page.bytes >= 0, !isTooMany, !isTooLarge,
        (1...PageReference.extentLimit).contains(page.extents),
        SHA256Digest(hexadecimal: page.name) != nil
      else { return nil }
      total = (samples, bytes)
    }
    return total
  }
}
