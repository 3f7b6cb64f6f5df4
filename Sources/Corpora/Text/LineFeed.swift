import Compression
import Foundation

/// The lines of a source, one after another, in bounded memory.
final class LineFeed {
  /// What comes next.
  enum Line {
    /// Bytes without the line's end, valid until the next call.
    case line(UnsafeRawBufferPointer)
    /// A line of more bytes than the limit; its first ones.
    case tooLong(head: [UInt8])
    case end
  }

  /// Where the next line starts, in bytes from the decompressed file's start.
  private(set) var offset: Int
  /// Whether the line that was returned last ended with a line's end, and not with the file.
  private(set) var wasEnded = false

  private let source: any ByteSource
  private let limit: Int
  private var buffer: UnsafeMutableRawBufferPointer
  /// What of the buffer was read and not returned.
  private var pending = 0..<0
  private var sourceHasEnded = false

  /// - Parameter offset: where `source` is now.
  /// - Parameter limit: the most bytes of a line.
  init(_ source: any ByteSource, at offset: Int, limit: Int, bufferBytes: Int = 1 << 20) {
    self.source = source
    self.offset = offset
    self.limit = limit
    buffer = .allocate(byteCount: max(1, bufferBytes), alignment: 16)
  }

  deinit { buffer.deallocate() }

  func next() throws -> Line {
    var searched = 0
    while true {
      let unsearched = pending.lowerBound + searched..<pending.upperBound
      if let end = Self.newline(in: UnsafeRawBufferPointer(rebasing: buffer[unsearched])) {
        return take(searched + end, andEnd: true)
      }
      searched = pending.count
      if searched > limit { return .tooLong(head: try skipLongLine()) }
      if sourceHasEnded { return pending.isEmpty ? .end : take(searched, andEnd: false) }
      try readMore()
    }
  }

  /// Passes the rest of the line that the source stands in; memory does not grow.
  func skipLine() throws { _ = try skipLongLine() }

  /// Counts the lines' ends in the next bytes, and passes them.
  func countAndSkip(_ count: Int) throws -> Int {
    var left = count
    var lines = 0
    while left > 0 {
      if pending.isEmpty { try readMore() }
      if pending.isEmpty { break }
      let piece = buffer[pending.prefix(left)]
      lines += Self.newlines(in: UnsafeRawBufferPointer(rebasing: piece))
      left -= piece.count
      drop(piece.count)
    }
    return lines
  }

  private func take(_ count: Int, andEnd isEnded: Bool) -> Line {
    let line = buffer[pending.prefix(count)]
    drop(count + (isEnded ? 1 : 0))
    wasEnded = isEnded
    return count > limit
      ? .tooLong(head: Array(line.prefix(4096)))
      : .line(UnsafeRawBufferPointer(rebasing: line))
  }

  private func drop(_ count: Int) {
    pending = pending.lowerBound + count..<pending.upperBound
    offset += count
  }

  private func skipLongLine() throws -> [UInt8] {
    let head = Array(buffer[pending.prefix(4096)])
    while true {
      if let end = Self.newline(in: UnsafeRawBufferPointer(rebasing: buffer[pending])) {
        drop(end + 1)
        wasEnded = true
        return head
      }
      drop(pending.count)
      wasEnded = false
      if sourceHasEnded { return head }
      try readMore()
    }
  }

  /// Reads at least one more byte or the end, in a larger buffer where this one is full.
  private func readMore() throws {
    if pending.lowerBound > 0 {
      buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: buffer[pending]))
      pending = 0..<pending.count
    }
    if pending.count == buffer.count {
      let larger = UnsafeMutableRawBufferPointer.allocate(
        byteCount: 2 * buffer.count, alignment: 16)
      larger.copyMemory(from: UnsafeRawBufferPointer(buffer))
      buffer.deallocate()
      buffer = larger
    }
    let room = UnsafeMutableRawBufferPointer(rebasing: buffer[pending.upperBound...])
    let count = try source.read(into: room)
    pending = pending.lowerBound..<pending.upperBound + count
    sourceHasEnded = count == 0
  }

  private static func newline(in bytes: UnsafeRawBufferPointer) -> Int? {
    guard let base = bytes.baseAddress, let found = memchr(base, 0x0A, bytes.count) else {
      return nil
    }
    return UnsafeRawPointer(found) - base
  }

  private static func newlines(in bytes: UnsafeRawBufferPointer) -> Int {
    var rest = bytes
    var count = 0
    while let end = newline(in: rest) {
      count += 1
      rest = UnsafeRawBufferPointer(rebasing: rest[(end + 1)...])
    }
    return count
  }
}
