import Bitsets
import CPostings

/// Finds passages in which some terms stand next to each other, in order.
struct PhraseMatcher {
  private let segment: Segment

  init(_ segment: Segment) { self.segment = segment }

  /// The passages that hold the phrase.
  ///
  /// - Parameter terms: at least one.
  /// - Complexity: O(the rarest term's postings), each a search in the others'.
  func passages(holding terms: [[UInt8]]) throws -> Bitset {
    var found = Bitset(count: segment.description.passages)
    var distinct: [[UInt8]: Int] = [:]
    var entries: [TermEntry] = []
    let slots = try terms.map { term -> Int? in
      if let known = distinct[term] { return known }
      guard let entry = try segment.entry(of: term) else { return nil }
      distinct[term] = entries.count
      entries.append(entry)
      return entries.count - 1
    }
    guard !entries.isEmpty, !slots.contains(nil) else { return found }
    let cursors = try entries.map { PostingCursor(try segment.postings(of: $0)) }
    let size = SegmentLimits.group
    let buffers = UnsafeMutablePointer<UInt32>.allocate(capacity: size * entries.count)
    defer { buffers.deallocate() }
    var positions = try entries.indices.map {
      try TermPositions(entries[$0], in: segment, buffer: buffers + size * $0)
    }
    let order = entries.indices.sorted { entries[$0].passages < entries[$1].passages }
    var next: UInt32 = 0
    search: while true {
      guard let first = try cursors[order[0]].seek(next) else { break }
      var frequencies = [UInt32](repeating: 0, count: entries.count)
      frequencies[order[0]] = first.frequency
      for other in order.dropFirst() {
        guard let posting = try cursors[other].seek(first.passage) else { break search }
        guard posting.passage == first.passage else {
          next = posting.passage
          continue search
        }
        frequencies[other] = posting.frequency
      }
      let isFound =
        try terms.count == 1
        || isPhrase(slots.map { $0! }, frequencies, cursors, &positions)
      if isFound { found.insert(Int(first.passage)) }
      next = first.passage + 1
    }
    return found
  }

  /// Whether the terms stand next to each other in the passage that all cursors are at.
  private func isPhrase(
    _ slots: [Int], _ frequencies: [UInt32], _ cursors: [PostingCursor],
    _ positions: inout [TermPositions]
  ) throws -> Bool {
    let places = try cursors.indices.map { slot in
      var found = GrowingBuffer<UInt32>()
      try positions[slot].append(
        first: cursors[slot].positionsBefore(), frequency: frequencies[slot], to: &found)
      return Array(found.elements)
    }
    return places[slots[0]].contains { place in
      slots.indices.dropFirst().allSatisfy { offset in
        contains(places[slots[offset]], place + UInt32(offset))
      }
    }
  }

  private func contains(_ places: [UInt32], _ place: UInt32) -> Bool {
    var (low, high) = (0, places.count)
    while low < high {
      let middle = (low + high) / 2
      if places[middle] < place { low = middle + 1 } else { high = middle }
    }
    return low < places.count && places[low] == place
  }
}
