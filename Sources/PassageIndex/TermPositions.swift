import CPostings
import Storage

/// The positions of a term, by their number among all that it has in the segment.
struct TermPositions {
  private let count: Int
  private let full: Int
  private let bytes: UnsafeRawBufferPointer
  /// What the bytes are mapped from.
  private let file: CheckedFile
  private let range: Range<Int>
  /// Where each full group begins.
  private var starts: [Int] = []
  private let buffer: UnsafeMutablePointer<UInt32>
  private var decoded = -1
  private var tail: [UInt32]?

  /// - Parameter buffer: room for 128 numbers that is this value's own.
  init(_ entry: TermEntry, in segment: Segment, buffer: UnsafeMutablePointer<UInt32>) throws {
    count = entry.occurrences
    full = count / SegmentLimits.group
    bytes = try segment.positions.bytes(entry.positions)
    file = segment.positions
    range = entry.positions
    self.buffer = buffer
    guard full <= bytes.count else { throw corrupt("a list is shorter than its table") }
    starts.reserveCapacity(full + 1)
    var start = full
    for group in 0..<full {
      starts.append(start)
      start += 16 * Int(bytes[group])
    }
    starts.append(start)
    guard start <= bytes.count, !bytes[0..<full].contains(where: { $0 > 32 }) else {
      throw corrupt("a group beyond the list's end")
    }
  }

  private func corrupt(_ reason: String) -> PassageIndexError {
    .corrupt(path: file.path, reason: "\(reason), at bytes \(range)")
  }

  /// The distance that is number `index`.
  private mutating func distance(_ index: Int) throws -> UInt32 {
    guard index < count else { throw corrupt("a position that is not there") }
    let group = index / SegmentLimits.group
    guard group < full else {
      if tail == nil {
        var reader = VarintReader(bytes, at: starts[full])
        tail = (full * SegmentLimits.group..<count).map { _ in
          UInt32(truncatingIfNeeded: reader.next())
        }
        guard !reader.isMalformed else { throw corrupt("a list ends early") }
      }
      return tail![index - full * SegmentLimits.group]
    }
    if decoded != group {
      engram_unpack_group(
        bytes.baseAddress!.advanced(by: starts[group]).assumingMemoryBound(to: UInt8.self),
        UInt32(bytes[group]), buffer)
      decoded = group
    }
    return buffer[index % SegmentLimits.group]
  }

  /// Appends the places of a posting.
  ///
  /// - Parameter first: the number of its first position; positions of postings before it.
  mutating func append(
    first: Int, frequency: UInt32, to places: inout GrowingBuffer<UInt32>
  ) throws {
    var place: UInt32 = 0
    for index in 0..<Int(frequency) {
      place = place &+ (try distance(first + index))
      guard place <= SegmentLimits.passageWords else { throw corrupt("a place out of any passage") }
      places.append(place)
    }
  }
}
