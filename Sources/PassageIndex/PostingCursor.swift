import CPostings

/// A walk over a term's postings that only goes forward. Owns the memory that it decodes into.
final class PostingCursor {
  let list: TermPostings
  /// What the term's parts of scores are; weight 0 where nothing is scored.
  var score: engram_term_score
  /// The decoded group, and its postings.
  private(set) var group = -1
  private(set) var count = 0
  let ids: UnsafeMutablePointer<UInt32>
  let frequencies: UnsafeMutablePointer<UInt32>
  /// The posting in the group.
  private(set) var index = 0
  /// The first group that may hold what was asked for last.
  private var nextGroup = 0
  private let lengths: UnsafePointer<UInt16>?
  /// Bounds of groups, once they are known; `UInt32.max` before.
  private var bounds: [UInt32]

  /// - Parameter lengths: words of the segment's passages, which live as long as the list's bytes;
  ///   none where nothing is scored.
  init(
    _ list: TermPostings, score: engram_term_score = .init(weight: 0, base: 0, slope: 0),
    lengths: UnsafePointer<UInt16>? = nil
  ) {
    self.list = list
    self.lengths = lengths
    self.score = score
    let size = SegmentLimits.group
    ids = .allocate(capacity: 2 * size)
    ids.initialize(repeating: 0, count: 2 * size)
    frequencies = ids + size
    bounds = Array(repeating: .max, count: list.groups)
  }

  deinit { ids.deallocate() }

  /// Decodes a group, where it is not decoded.
  @inline(__always)
  func decode(_ group: Int) throws {
    guard self.group != group else { return }
    self.group = -1
    count = try list.decode(group, into: ids, frequencies)
    self.group = group
    index = 0
  }

  /// The last passage of a group.
  @inline(__always)
  func last(_ group: Int) throws -> UInt32 {
    if list.hasTable { return list.last(group) }
    try decode(group)
    return ids[count - 1]
  }

  /// The first group whose last passage is at least `passage`, which never falls from call to call;
  /// `list.groups` where there is none.
  func firstGroup(reaching passage: UInt32) throws -> Int {
    // Mostly this one or the next; else by doubling steps.
    var step = 1
    var low = nextGroup
    while low + step <= list.groups, try last(low + step - 1) < passage {
      low += step
      step *= 2
    }
    var high = min(low + step, list.groups)
    while low < high {
      let middle = (low + high) / 2
      if try last(middle) < passage { low = middle + 1 } else { high = middle }
    }
    nextGroup = low
    return low
  }

  /// The most that a posting of a group adds.
  func bound(_ group: Int) throws -> UInt32 {
    if bounds[group] != .max { return bounds[group] }
    var best: UInt32 = 0
    if list.hasTable {
      best = list.bound(group, &score)
    } else if let lengths {
      // A list without a table is short: its best posting is the bound.
      try decode(group)
      for index in 0..<count {
        let length = UInt32(UInt16(littleEndian: lengths[Int(ids[index])]))
        best = max(best, engram_score(&score, frequencies[index], length))
      }
    }
    bounds[group] = best
    return best
  }

  /// The first posting whose passage is at least `passage`; `nil` where there is none. `passage`
  /// never falls from call to call.
  func seek(_ passage: UInt32) throws -> (passage: UInt32, frequency: UInt32)? {
    let found = try firstGroup(reaching: passage)
    guard found < list.groups else { return nil }
    try decode(found)
    // Within a group from where the last call ended, if it was in this group.
    var low = ids[index] <= passage ? index : 0
    var high = count
    while low < high {
      let middle = (low + high) / 2
      if ids[middle] < passage { low = middle + 1 } else { high = middle }
    }
    // The group reaches it, unless its table lied about its last passage, which was checked.
    guard low < count else { return nil }
    index = low
    return (ids[low], frequencies[low])
  }

  /// How many positions the postings before the current one have.
  func positionsBefore() -> Int {
    var before = list.positionsBefore(group)
    for at in 0..<index { before += Int(frequencies[at]) }
    return before
  }
}
