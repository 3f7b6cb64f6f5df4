import Files
import Foundation

/// Reads frames one after another from a segment's data: what opening does where a list is missing.
enum SegmentScan {
  /// Adds the frames that follow `segment.usedBytes`, from head to head; slots are not looked at.
  /// Returns how far the last head that was found says that the file is on the disk.
  ///
  /// - Complexity: one look a frame.
  @discardableResult
  static func extend(_ segment: Segment, _ data: UnsafeRawBufferPointer, tick: UInt64) -> Int {
    var durable = SegmentHeader.bytes
    let records = segment.records ?? RecordBuffer(capacity: data.count / 4 + FrameHeader.mostBytes)
    segment.records = records
    var at = segment.usedBytes
    while at + FrameHeader.fixedBytes <= data.count {
      let salt = FrameHeader.salt(of: segment.header, offset: at)
      guard let frame = FrameView(data.part(at..<data.count), salt: salt),
        at + frame.frameBytes <= data.count, segment.entries.count < BlockIndex.mostBlocks - 1,
        let record = records.append(frame.bytes)
      else { break }
      segment.add(
        frame, offset: at, record: record,
        use: Segment.Use(tick: tick, reach: UInt32(clamping: frame.depth)))
      durable = max(durable, min(frame.durable, at))
      at += frame.frameBytes
    }
    segment.usedBytes = at
    return durable
  }

  /// Of the frames behind `durable`, drops the first that is not whole and all that follow it: a crash
  /// of the machine may have kept a head and lost its slots.
  ///
  /// - Complexity: reads what was not flushed, some tens of megabytes at most.
  static func cut(_ segment: Segment, _ data: UnsafeRawBufferPointer, behind durable: Int) {
    guard
      let first = segment.entries.firstIndex(where: { $0.offset >= durable })
    else { return }
    for ordinal in first..<segment.entries.count {
      let offset = segment.entries[ordinal].offset
      let salt = FrameHeader.salt(of: segment.header, offset: offset)
      guard let frame = FrameView(data.part(offset..<data.count), salt: salt),
        frame.isWhole(data.part(offset..<(offset + frame.frameBytes)), salt: salt)
      else {
        segment.entries.removeSubrange(ordinal...)
        segment.uses.removeSubrange(ordinal...)
        segment.usedBytes = offset
        return
      }
    }
  }
}
