import CPostings
import Storage

/// The postings of a term, read group by group; what `TermEncoder` wrote. The bytes may be anybody's:
/// whatever they say, decoded passages ascend and are the segment's.
struct TermPostings {
  /// The term.
  let entry: TermEntry
  /// Groups of 128 postings; the last may be smaller.
  let groups: Int
  private let bytes: UnsafeRawBufferPointer
  private let passages: Int
  /// What the bytes are mapped from.
  private let file: CheckedFile
  /// Bytes before the groups: none where there is one group that is not full.
  private let table: Int

  init(_ entry: TermEntry, in segment: Segment) throws {
    self.entry = entry
    passages = segment.description.passages
    file = segment.postings
    bytes = try segment.postings.bytes(entry.postings)
    let size = SegmentLimits.group
    groups = (entry.passages + size - 1) / size
    table = entry.passages < size ? 0 : groups * SegmentLimits.skipBytes
    guard table <= bytes.count else { throw corrupt("a list is shorter than its table") }
  }

  private func corrupt(_ reason: String) -> PassageIndexError {
    .corrupt(path: file.path, reason: "\(reason), at bytes \(entry.postings)")
  }

  /// Whether the list has a table.
  var hasTable: Bool { table > 0 }

  /// Postings of a group.
  func count(_ group: Int) -> Int {
    min(SegmentLimits.group, entry.passages - group * SegmentLimits.group)
  }

  private func word(_ group: Int, _ offset: Int) -> UInt32 {
    UInt32(
      littleEndian: bytes.loadUnaligned(
        fromByteOffset: group * SegmentLimits.skipBytes + offset, as: UInt32.self))
  }

  /// The last passage of a group of a list with a table.
  @inline(__always)
  func last(_ group: Int) -> UInt32 { word(group, 0) }

  /// Positions of all groups before.
  func positionsBefore(_ group: Int) -> Int { hasTable ? Int(word(group, 8)) : 0 }

  /// The most that a posting of a group can add to a score; `UInt32.max / 2` where the list has no
  /// table.
  @inline(__always)
  func bound(_ group: Int, _ score: inout engram_term_score) -> UInt32 {
    var best: UInt32 = 0
    let start = group * SegmentLimits.skipBytes + 12
    for kind in 0..<Impacts.kinds {
      let stored = bytes[start + kind]
      guard stored > 0 else { continue }
      let length = UInt16(
        littleEndian: bytes.loadUnaligned(fromByteOffset: start + 4 + 2 * kind, as: UInt16.self))
      best = max(best, engram_score(&score, Impacts.frequency(stored), UInt32(length)))
    }
    return best
  }

  /// Decodes a group.
  ///
  /// - Parameter into: room for 128 numbers each.
  /// - Returns: how many postings it has.
  /// - Throws: `PassageIndexError.corrupt`.
  func decode(
    _ group: Int, into ids: UnsafeMutablePointer<UInt32>,
    _ frequencies: UnsafeMutablePointer<UInt32>
  ) throws -> Int {
    let base = group == 0 ? UInt32.max : last(group - 1)
    guard group == 0 || base < passages else { throw corrupt("a passage that is not there") }
    let count = count(group)
    let start = table + (hasTable ? Int(word(group, 4)) : 0)
    guard start <= bytes.count else { throw corrupt("a group beyond the list's end") }
    if count < SegmentLimits.group {
      try decodeTail(count, base: base, at: start, into: ids, frequencies)
    } else {
      guard start + 2 <= bytes.count else { throw corrupt("a group beyond the list's end") }
      let width = UInt32(bytes[start])
      let frequencyWidth = UInt32(bytes[start + 1])
      guard width <= SegmentLimits.passageBits, frequencyWidth <= 16,
        start + 2 + 16 * Int(width + frequencyWidth) <= bytes.count
      else { throw corrupt("a group's widths do not fit") }
      let packed = bytes.baseAddress!.advanced(by: start + 2)
        .assumingMemoryBound(to: UInt8.self)
      engram_unpack_group(packed, width, ids)
      // 128 distances of at most 24 bits and a passage of 24 bits cannot overflow: they ascend.
      engram_sum_distances(ids, count, base)
      engram_unpack_group(packed + 16 * Int(width), frequencyWidth, frequencies)
      for index in 0..<count { frequencies[index] += 1 }
    }
    guard ids[count - 1] < passages, !hasTable || ids[count - 1] == last(group) else {
      throw corrupt("a passage that is not there")
    }
    return count
  }

  private func decodeTail(
    _ count: Int, base: UInt32, at start: Int, into ids: UnsafeMutablePointer<UInt32>,
    _ frequencies: UnsafeMutablePointer<UInt32>
  ) throws {
    var reader = VarintReader(bytes, at: start)
    var last = base
    for index in 0..<count {
      let number = reader.next()
      let frequency = number & 1 == 1 ? 1 : reader.next()
      guard number >> 1 < UInt64(SegmentLimits.passages), frequency >= 1,
        frequency <= UInt64(SegmentLimits.passageWords)
      else { throw corrupt("a posting's numbers do not fit") }
      last = last &+ UInt32(number >> 1) &+ 1
      ids[index] = last
      frequencies[index] = UInt32(frequency)
    }
    guard !reader.isMalformed else { throw corrupt("a list ends early") }
  }
}
