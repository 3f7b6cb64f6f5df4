import Bitsets
import CPostings

/// Scores the passages of a segment, window by window, and leaves out what cannot be among the best.
///
/// A window is some thousand neighbouring passages. The terms' bounds there, from the tables of their
/// lists, tell which terms alone cannot lift a passage over the threshold: their postings are looked
/// up only for passages that the other terms found. Where all bounds together are too small, nothing
/// is decoded. Parts are whole numbers, so the result is that of scoring everything, ties included.
/// (The ideas are those of block-max MaxScore: Ding and Suel, SIGIR 2011; Turtle and Flood, 1995.)
package struct SegmentSearch {
  /// A term of the question, as this segment's passages are scored by it.
  package struct Term {
    /// The term's place in the question, for explanations.
    package var slot: Int
    package var entry: TermEntry
    package var score: TermScore

    package init(slot: Int, entry: TermEntry, score: TermScore) {
      self.slot = slot
      self.entry = entry
      self.score = score
    }
  }

  /// Passages of a window: their sums fit the fastest cache.
  package static let window = 1 << 13

  private let segment: Segment
  private let allowed: Bitset?
  private let cursors: [PostingCursor]
  private let size: Int

  /// - Parameter allowed: the passages that may be answers; all where `nil`.
  /// - Parameter window: passages of a window, a multiple of 64.
  package init(
    _ segment: Segment, terms: [Term], allowed: Bitset?, window: Int = Self.window
  ) throws {
    precondition(window > 0 && window % 64 == 0)
    size = window
    self.segment = segment
    self.allowed = allowed
    cursors = try terms.map {
      PostingCursor(
        try segment.postings(of: $0.entry), score: $0.score.kernel, lengths: segment.lengths)
    }
  }

  /// A term's state in the current window.
  private struct Window {
    var cursor: Int
    var groups: Range<Int>
    var bound: UInt32
  }

  /// Offers every passage that may be among the best.
  ///
  /// - Parameter entry: makes an entry of a passage and its score.
  package func search(
    into top: inout TopPassages,
    entry: (_ passage: Int, _ score: UInt32) throws -> TopPassages.Entry
  ) throws {
    let count = segment.description.passages
    let sums = UnsafeMutablePointer<UInt32>.allocate(capacity: 3 * size)
    sums.initialize(repeating: 0, count: 3 * size)
    defer { sums.deallocate() }
    let found = sums + size
    let values = sums + 2 * size
    var windows: [Window] = []
    windows.reserveCapacity(cursors.count)
    for first in stride(from: 0, to: count, by: size) {
      let end = min(count, first + size)
      if let allowed, !isAnyAllowed(first..<end, allowed) { continue }
      windows.removeAll(keepingCapacity: true)
      var total: UInt64 = 0
      for index in cursors.indices {
        let window = try self.window(index, first..<end)
        guard window.bound > 0 else { continue }
        windows.append(window)
        total += UInt64(window.bound)
      }
      guard total > 0, total >= UInt64(top.threshold) else { continue }
      windows.sort { $0.bound < $1.bound }
      // The terms before `essential` together cannot reach the threshold.
      var essential = 0
      var optional: UInt64 = 0
      while essential < windows.count,
        optional + UInt64(windows[essential].bound) < UInt64(top.threshold)
      {
        optional += UInt64(windows[essential].bound)
        essential += 1
      }
      for window in windows[essential...] {
        try add(
          window, others: total - UInt64(window.bound), threshold: UInt64(top.threshold),
          first: first, end: end, sums)
      }
      let least = UInt32(max(0, Int64(top.threshold) - Int64(optional)))
      let candidates = engram_collect(sums, end - first, least, found, values)
      for index in 0..<candidates {
        let passage = first + Int(found[index])
        if let allowed, !allowed.contains(passage) { continue }
        guard
          let score = try completed(
            UInt64(values[index]), UInt32(passage), windows[..<essential], optional,
            UInt64(top.threshold))
        else { continue }
        top.offer(try entry(passage, score))
      }
    }
  }

  private func isAnyAllowed(_ range: Range<Int>, _ allowed: Bitset) -> Bool {
    allowed.words[range.lowerBound >> 6..<(range.upperBound + 63) >> 6].contains { $0 != 0 }
  }

  /// Which groups of a term's list lie in a window, and the most that they add.
  private func window(_ index: Int, _ range: Range<Int>) throws -> Window {
    let cursor = cursors[index]
    let start = try cursor.firstGroup(reaching: UInt32(range.lowerBound))
    var end = start
    var bound: UInt32 = 0
    while end < cursor.list.groups {
      // A group's first passage is after the last of the one before.
      if end > start, Int(try cursor.last(end - 1)) + 1 >= range.upperBound { break }
      bound = max(bound, try cursor.bound(end))
      end += 1
    }
    return Window(cursor: index, groups: start..<end, bound: bound)
  }

  /// Adds a term's parts to the sums of a window, but for groups that cannot matter.
  private func add(
    _ window: Window, others: UInt64, threshold: UInt64, first: Int, end: Int,
    _ sums: UnsafeMutablePointer<UInt32>
  ) throws {
    let cursor = cursors[window.cursor]
    for group in window.groups {
      guard others + UInt64(try cursor.bound(group)) >= threshold else { continue }
      try cursor.decode(group)
      var low = 0
      var high = cursor.count
      if cursor.ids[0] < first { low = position(cursor, of: UInt32(first)) }
      if cursor.ids[high - 1] >= end { high = position(cursor, of: UInt32(end)) }
      guard low < high else { continue }
      engram_add_scores(
        &cursor.score, cursor.ids + low, cursor.frequencies + low, high - low, segment.lengths,
        UInt32(first), sums)
    }
  }

  /// The first posting of the decoded group at `passage` or after it.
  private func position(_ cursor: PostingCursor, of passage: UInt32) -> Int {
    var (low, high) = (0, cursor.count)
    while low < high {
      let middle = (low + high) / 2
      if cursor.ids[middle] < passage { low = middle + 1 } else { high = middle }
    }
    return low
  }

  /// The score of a passage, with the terms that were left out; `nil` where it is below the
  /// threshold.
  private func completed(
    _ sum: UInt64, _ passage: UInt32, _ windows: ArraySlice<Window>, _ optional: UInt64,
    _ threshold: UInt64
  ) throws -> UInt32? {
    var sum = sum
    var rest = optional
    for window in windows.reversed() {
      guard sum + rest >= threshold else { return nil }
      rest -= UInt64(window.bound)
      let cursor = cursors[window.cursor]
      guard let posting = try cursor.seek(passage), posting.passage == passage else { continue }
      sum += UInt64(
        engram_score(
          &cursor.score, posting.frequency, UInt32(segment.length(ofPassage: Int(passage)))))
    }
    return sum >= threshold ? UInt32(sum) : nil
  }
}
