import Files
import Foundation

/// Reads the heads of frames one after another from a segment's data: what opening does where a list is
/// missing.
///
/// The file is read, not mapped: a writer may cut it at any moment.
enum SegmentScan {
  /// Linux's SEEK_DATA, which the C library's module leaves out.
  private static let seekData: Int32 = 3

  /// What a scan found beside the frames.
  struct Found {
    /// How far the file was on the disk when the last frames were written.
    var durable = SegmentHeader.bytes
    /// Where a head should have been and was none, though frames follow.
    var gaps: [Int] = []
    /// Where a last frame begins of which a part is missing.
    var cut: Int?
  }

  /// Adds the frames that follow `segment.usedBytes`, from head to head; slots are not looked at. Behind
  /// a damaged head it goes on at the next one that is whole.
  ///
  /// - Complexity: one read a frame; where a head is damaged, all that follows is looked through.
  @discardableResult
  static func extend(_ segment: Segment, tick: UInt64) -> Found {
    var found = Found()
    let descriptor = open(segment.dataPath, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return found }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { return found }
    let size = Int(status.st_size)
    let records = segment.records ?? RecordBuffer(capacity: size / 4 + FrameHeader.mostBytes)
    segment.records = records
    let buffer = UnsafeMutableRawBufferPointer.allocate(
      byteCount: FrameHeader.mostBytes, alignment: 16)
    defer { buffer.deallocate() }
    var at = segment.usedBytes
    while at + FrameHeader.fixedBytes <= size {
      let salt = FrameHeader.salt(of: segment.header, offset: at)
      let view = head(at: at, of: descriptor, in: buffer).flatMap { FrameView($0, salt: salt) }
      guard let frame = view, at + frame.frameBytes <= size,
        segment.entries.count < BlockIndex.mostBlocks - 1, let record = records.append(frame.bytes)
      else {
        guard let next = nextHead(behind: at, of: descriptor, size: size, segment, buffer) else {
          break
        }
        found.gaps.append(at)
        at = next
        continue
      }
      segment.add(
        frame, offset: at, record: record,
        use: Segment.Use(tick: tick, reach: UInt32(clamping: frame.depth)))
      found.durable = max(found.durable, min(frame.durable, at))
      at += frame.frameBytes
    }
    segment.usedBytes = at
    if beginsFrame(at, of: descriptor) { found.cut = at }
    return found
  }

  /// Whether what is left of a file begins as a frame does.
  private static func beginsFrame(_ offset: Int, of descriptor: Int32) -> Bool {
    var bytes: UInt32 = 0
    let count = pread(descriptor, &bytes, 4, off_t(offset))
    guard count > 0 else { return false }
    let shown = UInt32.max >> UInt32(8 * (4 - count))
    return UInt32(littleEndian: bytes) & shown == FrameHeader.magic & shown
  }

  /// The bytes at a place that a head there would have.
  private static func head(
    at offset: Int, of descriptor: Int32, in buffer: UnsafeMutableRawBufferPointer
  ) -> UnsafeRawBufferPointer? {
    var count = pread(descriptor, buffer.baseAddress, 1024, off_t(offset))
    guard count >= FrameHeader.fixedBytes else { return nil }
    let wanted = Int(UnsafeRawBufferPointer(buffer).number(at: 8, as: UInt32.self))
    if wanted > count {
      guard wanted <= buffer.count else { return nil }
      count = pread(descriptor, buffer.baseAddress, wanted, off_t(offset))
    }
    return UnsafeRawBufferPointer(buffer).part(0..<max(0, count))
  }

  /// The next place behind `offset` at which a whole head lies. What was never written is passed over.
  private static func nextHead(
    behind offset: Int, of descriptor: Int32, size: Int, _ segment: Segment,
    _ buffer: UnsafeMutableRawBufferPointer
  ) -> Int? {
    var at = offset + FrameHeader.alignment
    var chunk = [UInt8](repeating: 0, count: 1 << 18)
    while at < size {
      let data = Int(lseek(descriptor, off_t(at), seekData))
      guard data >= 0 else { return nil }
      at = max(at, data / FrameHeader.alignment * FrameHeader.alignment)
      let count = pread(descriptor, &chunk, chunk.count, off_t(at))
      guard count > 0 else { return nil }
      for place in stride(from: 0, to: count - 3, by: FrameHeader.alignment) {
        let isMagic = chunk.withUnsafeBytes { $0.number(at: place) == FrameHeader.magic }
        guard isMagic, let head = head(at: at + place, of: descriptor, in: buffer),
          FrameView(head, salt: FrameHeader.salt(of: segment.header, offset: at + place)) != nil
        else { continue }
        return at + place
      }
      at += roundUp(count, to: FrameHeader.alignment)
    }
    return nil
  }

  /// Of the frames that may not have been on the disk, drops the first that is not whole and all that
  /// follow it: a crash of the machine may have kept a head and lost its slots, or lost the head.
  ///
  /// - Complexity: reads what was not flushed, some tens of megabytes at most.
  static func cut(_ segment: Segment, _ data: UnsafeRawBufferPointer, _ found: Found) {
    let gap = found.gaps.first { $0 >= found.durable } ?? .max
    for ordinal in segment.entries.indices {
      let offset = segment.entries[ordinal].offset
      guard offset >= found.durable else { continue }
      let salt = FrameHeader.salt(of: segment.header, offset: offset)
      if offset < gap, offset + segment.entries[ordinal].frameBytes <= data.count,
        let frame = FrameView(data.part(offset..<data.count), salt: salt),
        frame.isWhole(data.part(offset..<(offset + frame.frameBytes)), salt: salt)
      {
        continue
      }
      segment.entries.removeSubrange(ordinal...)
      segment.uses.removeSubrange(ordinal...)
      segment.usedBytes = min(offset, gap)
      return
    }
  }
}
