/// The postings of one term on their way into a segment, plain: memory that grows and is reused.
struct TermLists: ~Copyable {
  /// Passages, ascending, and how often the term stands in each.
  private(set) var passages = GrowingBuffer<UInt32>()
  private(set) var frequencies = GrowingBuffer<UInt32>()
  /// The places in each passage, one passage's after another's.
  var places = GrowingBuffer<UInt32>()

  mutating func removeAll() {
    passages.removeAll()
    frequencies.removeAll()
    places.removeAll()
  }

  var isEmpty: Bool { passages.count == 0 }

  /// Adds occurrences, not before those that are there: passage, then place, of 24 and 16 bits.
  mutating func append(occurrences: UnsafeBufferPointer<UInt64>) {
    passages.reserve(occurrences.count)
    frequencies.reserve(occurrences.count)
    places.reserve(occurrences.count)
    var last = UInt32.max
    var frequency: UInt32 = 0
    for occurrence in occurrences {
      let passage = UInt32(truncatingIfNeeded: occurrence >> 16 & 0xFF_FFFF)
      places.appendReserved(UInt32(truncatingIfNeeded: occurrence & 0xFFFF))
      if passage == last {
        frequency += 1
        continue
      }
      if frequency > 0 { frequencies.appendReserved(frequency) }
      passages.appendReserved(passage)
      last = passage
      frequency = 1
    }
    if frequency > 0 { frequencies.appendReserved(frequency) }
  }

  /// Adds a posting, whose places the caller adds to `places`.
  @inline(__always)
  mutating func append(passage: UInt32, frequency: UInt32) {
    passages.append(passage)
    frequencies.append(frequency)
  }
}
