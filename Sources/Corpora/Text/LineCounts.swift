import Compression
import Synchronization

/// How many line ends the parts of a JSONL file have, so that a line in a later part has the number
/// that an editor shows. What a reader passed is noted; the rest is counted where it is needed.
package final class LineCounts: Sendable {
  private let partBytes: Int
  private let counts: Mutex<[Int?]>

  private init(parts: Int, partBytes: Int) {
    self.partBytes = partBytes
    counts = Mutex(Array(repeating: nil, count: parts))
  }

  /// Cuts a large file of lines; any other unit stays as it is.
  static func parts(of unit: CorpusUnit, bytes: Int) -> [CorpusUnit] {
    guard unit.format == .jsonl, unit.compression == .none, unit.part == nil, unit.size > bytes
    else { return [unit] }
    let starts = Array(stride(from: 0, to: unit.size, by: bytes))
    let lines = LineCounts(parts: starts.count, partBytes: bytes)
    return starts.map { start in
      var part = unit
      part.part = start..<min(start + bytes, unit.size)
      part.lines = lines
      return part
    }
  }

  /// Notes how many line ends the part that starts at `start` has.
  func note(_ count: Int, partAt start: Int) {
    let index = start / partBytes
    counts.withLock { if $0.indices.contains(index) { $0[index] = count } }
  }

  /// Line ends before a byte of the unit's file.
  func before(_ offset: Int, in unit: CorpusUnit) throws -> Int {
    var sum = 0
    for index in 0..<offset / partBytes {
      let start = index * partBytes
      if let known = counts.withLock({ $0.indices.contains(index) ? $0[index] : nil }) {
        sum += known
      } else {
        let count = try Self.count(start..<start + partBytes, of: unit)
        note(count, partAt: start)
        sum += count
      }
    }
    return sum + (try Self.count(offset / partBytes * partBytes..<offset, of: unit))
  }

  /// Line ends in bytes of the unit's file, which is not compressed.
  static func count(_ range: Range<Int>, of unit: CorpusUnit) throws -> Int {
    guard !range.isEmpty else { return 0 }
    let feed = LineFeed(
      try unit.open(startingAt: range.lowerBound), at: range.lowerBound, limit: 0)
    return try feed.countAndSkip(range.count)
  }
}
