/// The samples of two versions that do not stand in both lists as the same sample of the same chunk.
struct UnsharedSamples {
  /// Of the earlier version: ranges of sample numbers, ascending.
  private(set) var before: [Range<Int>]
  /// Of the later version.
  private(set) var after: [Range<Int>]

  /// A listed stretch of a chunk: its samples' numbers in the chunk, and the first one's number in
  /// the version.
  private struct Stretch {
    let indices: Range<Int>
    let start: Int

    func numbers(_ part: Range<Int>) -> Range<Int> {
      let offset = start - indices.lowerBound
      return part.lowerBound + offset..<part.upperBound + offset
    }
  }

  /// - Throws: `DatasetError.corrupt` where a page cannot be read.
  /// - Complexity: O(extents of both), and a factor for extents that overlap in a chunk.
  init(_ before: Dataset, _ after: Dataset) throws {
    let (old, new) = (try Self.stretches(of: before), try Self.stretches(of: after))
    self.before = []
    self.after = []
    for (chunk, stretches) in old { keep(stretches, beside: new[chunk] ?? []) }
    for (chunk, stretches) in new where old[chunk] == nil { keep([], beside: stretches) }
    self.before = Self.joined(self.before)
    self.after = Self.joined(self.after)
  }

  private static func stretches(of dataset: Dataset) throws -> [ChunkKey: [Stretch]] {
    var found: [ChunkKey: [Stretch]] = [:]
    try dataset.forEachExtent { extent, start in
      found[ChunkKey(extent.chunk.name), default: []].append(
        Stretch(indices: extent.indices, start: start))
    }
    return found
  }

  /// Keeps of one chunk what one side lists more often than the other.
  private mutating func keep(_ old: [Stretch], beside new: [Stretch]) {
    guard !old.isEmpty, !new.isEmpty else {
      before += old.map { $0.numbers($0.indices) }
      after += new.map { $0.numbers($0.indices) }
      return
    }
    let all = old + new
    let edges = Set(all.flatMap { [$0.indices.lowerBound, $0.indices.upperBound] }).sorted()
    var waiting = (0..<all.count).sorted {
      all[$0].indices.lowerBound > all[$1].indices.lowerBound
    }
    var active: [Int] = []
    for (low, high) in zip(edges, edges.dropFirst()) {
      active.removeAll { all[$0].indices.upperBound <= low }
      while let next = waiting.last, all[next].indices.lowerBound <= low {
        active.append(next)
        waiting.removeLast()
      }
      let (ours, theirs) = (active.filter { $0 < old.count }, active.filter { $0 >= old.count })
      let shared = min(ours.count, theirs.count)
      before += ours.sorted().dropFirst(shared).map { all[$0].numbers(low..<high) }
      after += theirs.sorted().dropFirst(shared).map { all[$0].numbers(low..<high) }
    }
  }

  /// Ascending, neighbours as one.
  private static func joined(_ ranges: [Range<Int>]) -> [Range<Int>] {
    var result: [Range<Int>] = []
    for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) {
      if let last = result.last, last.upperBound == range.lowerBound {
        result[result.count - 1] = last.lowerBound..<range.upperBound
      } else {
        result.append(range)
      }
    }
    return result
  }
}
