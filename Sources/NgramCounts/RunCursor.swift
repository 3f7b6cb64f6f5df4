import Digests
import Foundation

/// Goes through the N-grams of one order of a run file, checking every block on the way, and at the
/// end that it was all of them.
final class RunCursor<Key: NgramKey> {
  /// The current N-gram and its count.
  private(set) var key = Key()
  private(set) var count: UInt64 = 0

  private let run: RunFile
  private let file: ReadableFile
  private let expected: OrderTotals
  private let bits: Int
  private let end: Int
  /// The next block's byte.
  private var offset: Int
  private var number: UInt64 = 0
  private var hasher = SHA256Hasher()
  private var decoder: BlockDecoder
  /// What was read of the file, and which part of it is the current payload.
  private let buffer: UnsafeMutableRawBufferPointer
  private var bufferStart: Int
  private var bufferCount = 0
  private var payload = UnsafeRawBufferPointer(start: nil, count: 0)
  private var payloadOffset = 0
  private var leftInBlock = 0
  private var isStarted = false
  private var distinct: UInt64 = 0
  private var total: UInt64 = 0
  private var singletons: UInt64 = 0

  private static var bufferBytes: Int { 64 << 10 }
  private static var blockBytes: Int {
    CountBlock.headerBytes + CountBlock.payloadLimit + 4
  }

  /// A cursor before the first N-gram; `nil` where the run has none of this order.
  init?(_ run: RunFile, order: Int) throws {
    guard let (section, end) = run.section(order: order) else { return nil }
    self.run = run
    self.end = end
    file = try ReadableFile(path: run.path)
    expected = section.totals
    bits = run.header.subject.tokenBits
    offset = section.offset
    bufferStart = section.offset
    decoder = BlockDecoder(order: order, vocabulary: run.header.subject.tokens.vocabulary)
    buffer = .allocate(byteCount: Self.bufferBytes, alignment: 64)
  }

  deinit { buffer.deallocate() }

  /// Goes to the next N-gram; `false` behind the last one.
  ///
  /// - Throws: `CountError.corruptRun`, `FileError`.
  func next() throws -> Bool {
    while true {
      do throws(BlockDecoder.Malformed) {
        if try decoder.next(payload) { break }
      } catch { throw corrupt(payloadOffset + error.offset, error.reason) }
      guard leftInBlock == 0 else {
        throw corrupt(payloadOffset, "its block has fewer entries than it says")
      }
      guard number < expected.blocks else {
        try checkEnd()
        return false
      }
      try readBlock()
      decoder.restart()
    }
    var next = Key()
    for index in 0..<expected.order {
      next.append(UInt32(bitPattern: decoder.tokens[index]), bits: bits)
    }
    guard leftInBlock > 0, !isStarted || key < next else {
      throw corrupt(payloadOffset, "its N-grams are not in order")
    }
    isStarted = true
    leftInBlock -= 1
    key = next
    count = decoder.count
    distinct += 1
    if count == 1 { singletons += 1 }
    let (sum, isOver) = total.addingReportingOverflow(count)
    guard !isOver else { throw CountError.tooMany(path: run.path) }
    total = sum
    return true
  }

  private func checkEnd() throws {
    guard offset == end else { throw corrupt(offset, "its blocks do not end where they must") }
    guard distinct == expected.distinct, total == expected.total,
      singletons == expected.singletons, hasher.finalize().description == expected.content
    else { throw corrupt(run.end, "its blocks are not those of its trailer") }
  }

  private func readBlock() throws {
    guard end - offset >= CountBlock.headerBytes + 4 else {
      throw corrupt(offset, "a block is cut")
    }
    let wanted = min(end - offset, Self.blockBytes)
    if offset + wanted > bufferStart + bufferCount {
      bufferStart = offset
      bufferCount = min(end - offset, Self.bufferBytes)
      try file.read(
        at: offset, into: UnsafeMutableRawBufferPointer(rebasing: buffer[..<bufferCount]))
    }
    let bytes = UnsafeRawBufferPointer(
      rebasing: buffer[(offset - bufferStart)..<(offset - bufferStart + wanted)])
    let header = UnsafeRawBufferPointer(rebasing: bytes[..<CountBlock.headerBytes])
    let entries = Int(header.number(4, as: UInt32.self))
    let count = Int(header.number(8, as: UInt32.self))
    guard header.number(0, as: UInt32.self) == UInt32(expected.order), entries > 0,
      count <= CountBlock.payloadLimit, CountBlock.headerBytes + count + 4 <= wanted
    else { throw corrupt(offset, "this is no block of order \(expected.order)") }
    payload = UnsafeRawBufferPointer(
      rebasing: bytes[CountBlock.headerBytes..<(CountBlock.headerBytes + count)])
    let sum = RunHeader.checksum(salt: run.salt, number: number, header: header, payload: payload)
    let found = bytes.number(CountBlock.headerBytes + count, as: UInt32.self)
    guard sum == found else {
      throw corrupt(
        offset,
        "checksum \(String(found, radix: 16)), expected \(String(sum, radix: 16))")
    }
    hasher.update(header)
    hasher.update(payload)
    payloadOffset = offset + CountBlock.headerBytes
    offset += CountBlock.headerBytes + count + 4
    number += 1
    leftInBlock = entries
  }

  private func corrupt(_ offset: Int, _ reason: String) -> CountError {
    .corruptRun(path: run.path, offset: offset, reason: reason)
  }
}
