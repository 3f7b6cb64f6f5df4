import CKernels
import Files
import Foundation

/// Blocks of a segment that are not served any more, a small file beside its data: cleared, or found
/// damaged. Without it, or with one that is damaged itself, cleared blocks would be served again: so
/// one that is damaged, or missing although `state.json` knows of it, takes the whole segment with it.
enum DeadList {
  private static let magic: UInt64 = 0x3144_4145_4D52_474E  // "NGRMEAD1"
  private static let headBytes = 32

  /// Writes the dead blocks of a segment, flushed.
  static func write(_ segment: Segment) throws(FileError) {
    var bytes: [UInt8] = []
    for value in [magic, segment.header.number, segment.header.salt] { bytes.append(number: value) }
    bytes.append(number: UInt64(segment.dead.count))
    // By their places: numbers depend on which of two writers came first.
    let frames = segment.dead.map { segment.entries[Int($0)].frame }
    for frame in frames.sorted() { bytes.append(number: frame) }
    bytes.append(number: bytes.withUnsafeBytes { engram_crc32c(0, $0.baseAddress, $0.count) })
    do {
      try bytes.withUnsafeBytes { try DurableFile.write($0, to: segment.deadPath) }
    } catch { throw error as? FileError ?? FileError("write", segment.deadPath) }
  }

  /// Reads them into the segment, where there is such a file; false where it is damaged.
  ///
  /// - Throws: `FileError` where it cannot be read, which says nothing of what is in it.
  static func read(into segment: Segment) throws(FileError) -> Bool {
    guard let size = DurableFile.size(of: segment.deadPath) else { return true }
    guard size <= 1 << 29 else { return false }
    let bytes: [UInt8]
    do throws(FileError) { bytes = try DurableFile.read(segment.deadPath) } catch {
      // Beside a writer it may be one that was just removed.
      if error.code == ENOENT { return true }
      throw error
    }
    return bytes.withUnsafeBytes { bytes in
      guard bytes.count >= headBytes + 4, bytes.number(at: 0) == magic,
        bytes.number(at: 8) == segment.header.number, bytes.number(at: 16) == segment.header.salt,
        engram_crc32c(0, bytes.baseAddress, bytes.count - 4) == bytes.number(at: bytes.count - 4)
      else { return false }
      let count = bytes.number(at: 24, as: UInt64.self)
      guard count == UInt64((bytes.count - headBytes - 4) / 4) else { return false }
      let frames = Set(
        (0..<Int(count)).map { bytes.number(at: headBytes + 4 * $0, as: UInt32.self) })
      for (ordinal, entry) in segment.entries.enumerated() where frames.contains(entry.frame) {
        segment.dead.insert(UInt32(ordinal))
      }
      return true
    }
  }
}
