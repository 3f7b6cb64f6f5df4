import CKernels
import Files
import Foundation

/// A file that holds the parts of an array that are not all zero: blocks of 64 KiB, each behind its
/// number (8 bytes, little-endian); at the end the number of all ones. What is never touched is
/// neither read nor written.
enum SparseCopy {
  private static let block = 65_536
  /// lseek(2)'s SEEK_DATA and SEEK_HOLE, which the system's module leaves out.
  private static let seekData: Int32 = 3
  private static let seekHole: Int32 = 4

  /// Writes the array, durably.
  ///
  /// - Returns: the CRC32C of the file.
  static func write(_ rows: UpdatableRows, to path: String) throws -> UInt32 {
    let writer = try FileWriter(creating: path)
    var sum: UInt32 = 0
    func append(_ bytes: UnsafeRawBufferPointer) throws {
      sum = engram_crc32c(sum, bytes.baseAddress, bytes.count)
      try writer.append(bytes)
    }
    let all = UnsafeRawBufferPointer(rows.bytes)
    for range in dataRanges(of: rows) {
      for start in stride(from: range.lowerBound, to: range.upperBound, by: block) {
        let bytes = UnsafeRawBufferPointer(rebasing: all[start..<min(all.count, start + block)])
        guard
          engram_all_zero(bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), bytes.count) == 0
        else { continue }
        try withUnsafeBytes(of: UInt64(start / block).littleEndian) { try append($0) }
        try append(bytes)
      }
    }
    try withUnsafeBytes(of: UInt64.max) { try append($0) }
    try writer.finish()
    return sum
  }

  /// Fills an array of zeros with what was written.
  ///
  /// - Throws: `TrainingError.corruptFile`; nothing was changed then, or the run must not go on.
  static func read(_ path: String, into rows: UpdatableRows, checksum: UInt32) throws {
    let file = try MappedFile(path: path, access: .sequential)
    func corrupt(_ reason: String) -> TrainingError { .corruptFile(path: path, reason: reason) }
    guard engram_crc32c(0, file.bytes.baseAddress, file.count) == checksum else {
      throw corrupt("it does not match its checksum")
    }
    rows.clear()
    var offset = 0
    while true {
      guard file.count - offset >= 8 else { throw corrupt("it is cut off") }
      let number = UInt64(
        littleEndian: file.bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
      offset += 8
      if number == .max { break }
      guard number < UInt64((rows.byteCount + block - 1) / block) else {
        throw corrupt("it has block \(number), the array ends before it")
      }
      let start = Int(number) * block
      let count = min(block, rows.byteCount - start)
      guard file.count - offset >= count else { throw corrupt("it is cut off") }
      rows.bytes.baseAddress!.advanced(by: start).copyMemory(
        from: file.bytes.baseAddress! + offset, byteCount: count)
      offset += count
    }
    guard offset == file.count else { throw corrupt("it goes on after its end") }
  }

  /// Byte ranges, whole blocks, outside of which the array is zero.
  private static func dataRanges(of rows: UpdatableRows) -> [Range<Int>] {
    guard let file = rows.file else { return [0..<rows.byteCount] }
    var ranges: [Range<Int>] = []
    var offset = 0
    while offset < rows.byteCount {
      let data = lseek(file.descriptor, offset, Self.seekData)
      // ENXIO: nothing but a hole is left.
      if data < 0 { return errno == ENXIO ? ranges : [0..<rows.byteCount] }
      let hole = lseek(file.descriptor, data, Self.seekHole)
      guard hole > data else { return [0..<rows.byteCount] }
      let start = max(ranges.last?.upperBound ?? 0, data / block * block)
      let end = min(
        (hole + block - 1) / block * block, (rows.byteCount + block - 1) / block * block)
      if start < end { ranges.append(start..<end) }
      offset = hole
    }
    return ranges
  }
}

extension UpdatableRows {
  /// Makes everything zero again.
  func clear() {
    if let file {
      // A new hole: nothing is written.
      if ftruncate(file.descriptor, 0) == 0, ftruncate(file.descriptor, byteCount) == 0 { return }
    }
    memset(bytes.baseAddress!, 0, byteCount)
  }
}
