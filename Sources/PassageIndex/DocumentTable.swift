import Files
import Storage

/// Documents and passages of a segment while it is made.
struct DocumentTable {
  /// The samples' digests.
  private(set) var digests: [UInt64] = []
  /// Bytes of each document's text.
  private(set) var sizes: [UInt32] = []
  /// The number of each document's first passage.
  private(set) var firstPassages: [UInt32] = []
  /// Where each passage begins in its document's text, and its bytes.
  private(set) var ranges: [(start: UInt32, length: UInt32)] = []
  /// Words of each passage.
  private(set) var lengths: [UInt16] = []
  /// Words of all passages.
  private(set) var words = 0
  /// Bytes of all texts.
  private(set) var textBytes = 0

  /// Adds a document without passages.
  mutating func appendDocument(digest: UInt64, textBytes: Int) throws {
    guard textBytes <= Int(UInt32.max) else {
      throw PassageIndexError.tooLarge(
        what: "bytes of a document", count: textBytes, limit: Int(UInt32.max))
    }
    digests.append(digest)
    sizes.append(UInt32(textBytes))
    firstPassages.append(UInt32(ranges.count))
    self.textBytes += textBytes
  }

  /// Adds a passage to the last document.
  mutating func appendPassage(start: UInt32, length: UInt32, words: Int) throws {
    guard ranges.count < SegmentLimits.passages else {
      throw PassageIndexError.tooLarge(
        what: "passages", count: ranges.count + 1, limit: SegmentLimits.passages)
    }
    guard words <= SegmentLimits.passageWords, self.words + words < SegmentLimits.words else {
      throw PassageIndexError.tooLarge(
        what: "words", count: self.words + words, limit: SegmentLimits.words)
    }
    ranges.append((start, length))
    lengths.append(UInt16(words))
    self.words += words
  }

  /// Writes `documents`, `passages` and `lengths`.
  func write(to folder: String, id: String) throws {
    func write(_ name: String, _ body: (CheckedFileWriter) throws -> Void) throws {
      let writer = try CheckedFileWriter(
        creating: folder + "/" + name, salt: SegmentFile.salt(id, name))
      try body(writer)
      try writer.finish()
    }
    try write(SegmentFile.documents) { writer in
      try digests.withUnsafeBytes { try writer.append($0) }
      try firstPassages.withUnsafeBytes { try writer.append($0) }
      try sizes.withUnsafeBytes { try writer.append($0) }
    }
    try write(SegmentFile.passages) { writer in
      var bytes: [UInt8] = []
      for range in ranges {
        withUnsafeBytes(of: range.start.littleEndian) { bytes += $0 }
        withUnsafeBytes(of: range.length.littleEndian) { bytes += $0 }
        if bytes.count > 1 << 16 {
          try writer.append(bytes)
          bytes.removeAll(keepingCapacity: true)
        }
      }
      try writer.append(bytes)
    }
    try write(SegmentFile.lengths) { writer in
      try lengths.withUnsafeBytes { try writer.append($0) }
    }
  }
}
