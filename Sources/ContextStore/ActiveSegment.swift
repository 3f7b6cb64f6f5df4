import CKernels
import Files
import Foundation

/// The segment that frames are appended to: who writes where, and how far it is on the disk.
///
/// Writers reserve a place, write beside one another, and say when they are done. A crash cuts the log
/// at the first frame that is not whole, so nothing is durable before everything in front of it is.
///
/// Unchecked: what changes is guarded by `condition`, but `segment`'s fields by the store's lock.
final class ActiveSegment: @unchecked Sendable {
  let segment: Segment
  let capacity: Int
  private let descriptor: Int32
  private let condition = NSCondition()
  private var reserved = SegmentHeader.bytes
  private var listed = 0
  /// Everything before it is written.
  private var written = SegmentHeader.bytes
  /// What was written out of order: start to end.
  private var ahead: [Int: Int] = [:]
  private var flushed = 0
  private var isFlushing = false
  private var isBroken = false
  /// Set when a flush failed: what was not on the disk before it may never come there.
  private var hasLost = false

  /// Makes the segment's data file, all of its bytes allocated.
  ///
  /// - Throws: `FileError`; nothing is left then.
  init(_ segment: Segment, capacity: Int) throws(FileError) {
    let path = segment.dataPath
    descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else { throw FileError("create", path) }
    self.segment = segment
    self.capacity = capacity
    do throws(FileError) {
      let failure = posix_fallocate(descriptor, 0, off_t(capacity))
      guard failure == 0 else {
        throw FileError(operation: "allocate \(capacity) bytes for", path: path, code: failure)
      }
      let head = segment.header.encoded
      guard pwrite(descriptor, head, head.count, 0) == head.count else {
        throw FileError("write", path)
      }
      guard fsync(descriptor) == 0 else { throw FileError("flush", path) }
      try DurableFile.synchronize(folder: segment.folder)
      flushed = SegmentHeader.bytes
    } catch {
      // `deinit` closes the file: a second close could hit a file of another thread's.
      unlink(path)
      throw error
    }
  }

  deinit { close(descriptor) }

  /// A place for a frame; `nil` where it does not fit any more. One thread at a time.
  ///
  /// - Parameter listBytes: what the frame adds to the list of blocks.
  func reserve(_ bytes: Int, listBytes: Int) -> Int? {
    condition.lock()
    defer { condition.unlock() }
    guard !isBroken, reserved + bytes <= capacity, listed + listBytes <= Self.listRoom(capacity)
    else { return nil }
    let start = reserved
    reserved += bytes
    listed += listBytes
    return start
  }

  /// What a segment's list may take: an eighth of its data.
  static func listRoom(_ capacity: Int) -> Int { capacity / 8 }

  /// How far it is on the disk: what a frame that is written now says of those before it.
  var durableBytes: Int {
    condition.lock()
    defer { condition.unlock() }
    return flushed
  }

  /// Writes a frame to its place.
  ///
  /// - Throws: `FileError`; nothing behind the place becomes durable then.
  func write(_ frame: UnsafeRawBufferPointer, at start: Int) throws(FileError) {
    var done = 0
    while done < frame.count {
      let count = pwrite(
        descriptor, frame.baseAddress! + done, frame.count - done, off_t(start + done))
      if count < 0, errno == EINTR { continue }
      guard count > 0 else {
        let failure = FileError("write", segment.dataPath)
        breakOff()
        throw failure
      }
      done += count
    }
    // The disk begins at once, so that the flush that acknowledges finds little left to do.
    engram_start_writing(descriptor, UInt64(start), UInt64(frame.count))
    condition.lock()
    ahead[start] = start + frame.count
    while let end = ahead.removeValue(forKey: written) { written = end }
    condition.broadcast()
    condition.unlock()
  }

  private func breakOff() {
    condition.lock()
    isBroken = true
    condition.broadcast()
    condition.unlock()
  }

  /// Where the last frame that has a place ends.
  var end: Int {
    condition.lock()
    defer { condition.unlock() }
    return reserved
  }

  /// Bytes that are written and not flushed.
  var unflushedBytes: Int {
    condition.lock()
    defer { condition.unlock() }
    return written - flushed
  }

  /// Returns when everything before `end` is written: true, or false where it never will be. Until then a
  /// crash of the process would cut the log in front of it.
  func waitForWrites(upTo end: Int) -> Bool {
    condition.lock()
    defer { condition.unlock() }
    while written < end, !isBroken { condition.wait() }
    return written >= end
  }

  /// Returns when everything before `end` is on the disk: true, or false where that cannot be had.
  /// Whoever comes first flushes for all that wait.
  func flush(upTo end: Int) -> Bool {
    condition.lock()
    defer { condition.unlock() }
    while flushed < end {
      if isBroken { return false }
      if isFlushing || written < end {
        condition.wait()
        continue
      }
      isFlushing = true
      let target = written
      condition.unlock()
      #if PLANTED_FAULTS
      let isFlushed = PlantedFault.isPlanted(.noCommitSync) || fdatasync(descriptor) == 0
      let failure = isFlushed ? nil : FileError("flush", segment.dataPath)
      #else
      let failure = fdatasync(descriptor) == 0 ? nil : FileError("flush", segment.dataPath)
      #endif
      if let failure { segment.log("\(failure.description); what was not on the disk is not kept") }
      condition.lock()
      isFlushing = false
      // A flush that failed has lost data; another one would not say so.
      if failure == nil {
        flushed = max(flushed, target)
      } else {
        isBroken = true
        hasLost = true
      }
      condition.broadcast()
    }
    return true
  }

  /// Waits for the writers, flushes what is whole, and cuts the file to it: to what was on the disk
  /// before, where a flush has failed. Returns its bytes.
  func finish() -> Int {
    condition.lock()
    while written < reserved, !isBroken { condition.wait() }
    let whole = written
    condition.unlock()
    _ = flush(upTo: whole)
    condition.lock()
    defer { condition.unlock() }
    let end = hasLost ? flushed : whole
    // Flushes, too, what is whole in front of a frame that could not be written.
    let isDone = ftruncate(descriptor, off_t(end)) == 0 && fsync(descriptor) == 0
    return isDone ? end : min(end, flushed)
  }
}
