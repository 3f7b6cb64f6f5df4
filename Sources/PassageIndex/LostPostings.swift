import Bitsets
import CPostings

/// In how many passages that are not wanted any more each term of a segment stands: what its document
/// frequencies are too high by.
package struct LostPostings: Sendable {
  /// Ranks of terms, ascending, and for each the passages that were lost.
  package private(set) var terms: [UInt32] = []
  package private(set) var counts: [UInt32] = []

  /// Counts them.
  ///
  /// - Parameter passages: the passages that are not wanted any more.
  /// - Parameter advance: called with terms that were looked at; what it throws ends the work.
  /// - Complexity: O(all postings): every list is decoded once.
  package init(
    of segment: Segment, passages: Bitset, advance: (Int) throws -> Void = { _ in }
  ) throws {
    let buffer = UnsafeMutablePointer<UInt32>.allocate(capacity: 2 * SegmentLimits.group)
    buffer.initialize(repeating: 0, count: 2 * SegmentLimits.group)
    defer { buffer.deallocate() }
    var done = 0
    var found: [(UInt32, UInt32)] = []
    try passages.words.withUnsafeBufferPointer { words in
      try segment.terms.forEach { _, entry in
        let list = try segment.postings(of: entry)
        var lost = 0
        for group in 0..<list.groups {
          let count = try list.decode(group, into: buffer, buffer + SegmentLimits.group)
          lost += engram_count_in_set(buffer, count, words.baseAddress)
        }
        if lost > 0 { found.append((UInt32(entry.ordinal), UInt32(lost))) }
        done += 1
        if done % 65_536 == 0 { try advance(65_536) }
      }
    }
    try advance(done % 65_536)
    terms = found.map(\.0)
    counts = found.map(\.1)
  }

  /// Nothing was lost.
  package init() {}

  /// What a file holds: ranks and counts, 4 bytes each, in turn.
  ///
  /// - Returns: `nil` where ranks do not ascend or the bytes do not come out even.
  package init?(_ bytes: UnsafeRawBufferPointer) {
    guard bytes.count % 8 == 0 else { return nil }
    for start in stride(from: 0, to: bytes.count, by: 8) {
      let term = UInt32(
        littleEndian: bytes.loadUnaligned(fromByteOffset: start, as: UInt32.self))
      if let last = terms.last, last >= term { return nil }
      terms.append(term)
      counts.append(
        UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: start + 4, as: UInt32.self)))
    }
  }

  /// The bytes of a file.
  package var bytes: [UInt8] {
    var bytes: [UInt8] = []
    for (term, count) in zip(terms, counts) {
      withUnsafeBytes(of: term.littleEndian) { bytes += $0 }
      withUnsafeBytes(of: count.littleEndian) { bytes += $0 }
    }
    return bytes
  }

  /// Passages that a term lost.
  package func count(ofTerm ordinal: Int) -> Int {
    var (low, high) = (0, terms.count)
    while low < high {
      let middle = (low + high) / 2
      if Int(terms[middle]) < ordinal { low = middle + 1 } else { high = middle }
    }
    return low < terms.count && Int(terms[low]) == ordinal ? Int(counts[low]) : 0
  }
}
