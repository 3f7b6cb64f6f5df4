import CKernels
import Files
import Foundation

/// The list of a sealed segment's blocks, a file beside its data: what opening reads instead of the
/// data (`Schemas/context-store.md`).
///
/// Head (64 bytes), an entry a block (24 bytes), then the frames' headers, each at a multiple of 8.
enum BlockList {
  private static let magic: UInt64 = 0x3153_4B42_4D52_474E  // "NGRMBKS1"
  private static let headBytes = 64
  static let entryBytes = 24

  /// Bytes that a block adds to the list.
  static func bytes(of header: FrameHeader) -> Int {
    entryBytes + roundUp(header.headerBytes, to: 8)
  }

  /// Writes the list of a segment, flushed. Returns the entries with the places of their records.
  static func write(
    _ segment: Segment
  ) throws -> ContiguousArray<Segment.Entry> {
    let start = headBytes + segment.entries.count * entryBytes
    var entries: [UInt8] = []
    var placed: ContiguousArray<Segment.Entry> = []
    var records: [UInt8] = []
    placed.reserveCapacity(segment.entries.count)
    for (ordinal, entry) in segment.entries.enumerated() {
      guard let frame = segment.frame(ordinal) else { continue }
      records.pad(to: 8)
      let new = Segment.Entry(
        fingerprint: entry.fingerprint, frame: entry.frame,
        record: UInt32((start + records.count) / 8), mask: entry.mask,
        frameUnits: entry.frameUnits)
      records += frame.bytes
      entries.append(number: new.fingerprint)
      for value in [new.frame, new.record, new.mask, new.frameUnits] {
        entries.append(number: value)
      }
      placed.append(new)
    }
    guard placed.count == segment.entries.count else {
      throw FileError(operation: "list", path: segment.dataPath, code: EIO)
    }
    var head: [UInt8] = []
    head.append(number: magic)
    for value in [segment.header.number, segment.header.salt] { head.append(number: value) }
    head.append(number: UInt64(placed.count))
    head.append(number: UInt64(segment.usedBytes))
    head.append(number: entries.withUnsafeBytes { engram_crc32c(0, $0.baseAddress, $0.count) })
    head.append(number: UInt32(0))
    head.append(number: UInt64(start + records.count))
    head.append(number: UInt32(0))
    head.append(number: head.withUnsafeBytes { engram_crc32c(0, $0.baseAddress!, headBytes - 4) })
    let all = head + entries + records
    try all.withUnsafeBytes { try DurableFile.write($0, to: segment.listPath) }
    return placed
  }

  /// Whether these bytes are the list of this segment; its entries are not looked at.
  static func isOf(_ header: SegmentHeader, _ bytes: UnsafeRawBufferPointer) -> Bool {
    guard let head = head(bytes) else { return false }
    return head.number == header.number && head.salt == header.salt
      && head.bytes == UInt64(bytes.count)
  }

  private struct Head {
    let number, salt, count, used, bytes: UInt64
    let sum: UInt32
  }

  private static func head(_ bytes: UnsafeRawBufferPointer) -> Head? {
    guard bytes.count >= headBytes, bytes.number(at: 0) == magic,
      bytes.number(at: headBytes - 4) == engram_crc32c(0, bytes.baseAddress!, headBytes - 4)
    else { return nil }
    return Head(
      number: bytes.number(at: 8), salt: bytes.number(at: 16), count: bytes.number(at: 24),
      used: bytes.number(at: 32), bytes: bytes.number(at: 48), sum: bytes.number(at: 40))
  }

  /// Reads a list's head and entries into a segment; false where it is damaged or another's.
  ///
  /// - Complexity: O(blocks): 24 bytes of each are read.
  static func read(into segment: Segment) -> Bool {
    let descriptor = open(segment.listPath, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { return false }
    var start = [UInt8](repeating: 0, count: headBytes)
    guard pread(descriptor, &start, headBytes, 0) == headBytes,
      let head = start.withUnsafeBytes(head), head.number == segment.header.number,
      head.salt == segment.header.salt, head.bytes == UInt64(status.st_size),
      head.count < UInt64(BlockIndex.mostBlocks), head.used <= 1 << 40,
      head.count * UInt64(entryBytes) + UInt64(headBytes) <= head.bytes
    else { return false }
    let count = Int(head.count)
    var bytes = [UInt8](repeating: 0, count: count * entryBytes)
    guard pread(descriptor, &bytes, bytes.count, off_t(headBytes)) == bytes.count else {
      return false
    }
    return bytes.withUnsafeBytes { bytes in
      guard engram_crc32c(0, bytes.baseAddress, bytes.count) == head.sum else { return false }
      var entries: ContiguousArray<Segment.Entry> = []
      entries.reserveCapacity(count)
      for number in 0..<count {
        let at = number * entryBytes
        let entry = Segment.Entry(
          fingerprint: bytes.number(at: at), frame: bytes.number(at: at + 8),
          record: bytes.number(at: at + 12), mask: bytes.number(at: at + 16),
          frameUnits: bytes.number(at: at + 20))
        guard entry.offset >= SegmentHeader.bytes, entry.offset + entry.frameBytes <= Int(head.used)
        else { return false }
        entries.append(entry)
      }
      segment.entries = entries
      segment.usedBytes = Int(head.used)
      segment.isSealed = true
      return true
    }
  }
}
