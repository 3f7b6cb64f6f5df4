import CPostings

/// The postings of one term as bytes: what `TermPostings` reads.
///
/// A list of fewer than 128 postings is a tail: for each posting twice the distance from the passage
/// before, plus 1 where the frequency is 1; else the frequency follows. A longer list is a table
/// of 24 bytes for each group of 128 (the last may be a tail), then the groups: width of the distances,
/// width of the frequencies less one, the packed numbers.
struct TermEncoder: ~Copyable {
  /// The bytes of the list.
  private(set) var postings: [UInt8] = []
  /// The bytes of its positions.
  private(set) var positions: [UInt8] = []
  /// Two groups of numbers, and room for them packed.
  private let group: UnsafeMutablePointer<UInt32>
  private let packed: UnsafeMutablePointer<UInt8>
  private var distances = GrowingBuffer<UInt32>()

  init() {
    group = .allocate(capacity: 2 * SegmentLimits.group)
    packed = .allocate(capacity: 2 * 16 * 32)
  }

  deinit {
    group.deallocate()
    packed.deallocate()
  }

  /// Encodes a list; `postings` and `positions` afterwards.
  ///
  /// - Parameter passages: ascending, each once.
  /// - Parameter frequencies: how often the term stands in each, at least once.
  /// - Parameter places: the places in each passage, ascending, all passages' one after another.
  /// - Parameter lengths: words of all passages of the segment.
  mutating func encode(
    passages: UnsafeBufferPointer<UInt32>, frequencies: UnsafeBufferPointer<UInt32>,
    places: UnsafeBufferPointer<UInt32>, lengths: UnsafeBufferPointer<UInt16>
  ) {
    postings.removeAll(keepingCapacity: true)
    positions.removeAll(keepingCapacity: true)
    encodePostings(passages, frequencies, lengths)
    encodePositions(frequencies, places)
  }

  private mutating func encodePostings(
    _ passages: UnsafeBufferPointer<UInt32>, _ frequencies: UnsafeBufferPointer<UInt32>,
    _ lengths: UnsafeBufferPointer<UInt16>
  ) {
    let size = SegmentLimits.group
    let full = passages.count / size
    guard full > 0 else {
      appendTail(passages, frequencies, from: 0)
      return
    }
    let groups = (passages.count + size - 1) / size
    let table = groups * SegmentLimits.skipBytes
    postings.append(contentsOf: repeatElement(0, count: table))
    var before: UInt32 = 0
    for number in 0..<groups {
      let start = number * size
      let end = min(passages.count, start + size)
      writeSkip(
        number, last: passages[end - 1], offset: UInt32(postings.count - table), before: before,
        passages: UnsafeBufferPointer(rebasing: passages[start..<end]),
        frequencies: UnsafeBufferPointer(rebasing: frequencies[start..<end]), lengths: lengths)
      if number < full {
        appendGroup(passages, frequencies, from: start)
      } else {
        appendTail(passages, frequencies, from: start)
      }
      for index in start..<end { before &+= frequencies[index] }
    }
  }

  private mutating func appendTail(
    _ passages: UnsafeBufferPointer<UInt32>, _ frequencies: UnsafeBufferPointer<UInt32>,
    from start: Int
  ) {
    var last = start == 0 ? UInt32.max : passages[start - 1]
    for index in start..<passages.count {
      let distance = UInt64(passages[index] &- last &- 1)
      last = passages[index]
      let frequency = frequencies[index]
      Varint.append(distance << 1 | (frequency == 1 ? 1 : 0), to: &postings)
      if frequency != 1 { Varint.append(UInt64(frequency), to: &postings) }
    }
  }

  private mutating func appendGroup(
    _ passages: UnsafeBufferPointer<UInt32>, _ frequencies: UnsafeBufferPointer<UInt32>,
    from start: Int
  ) {
    var last = start == 0 ? UInt32.max : passages[start - 1]
    for index in 0..<SegmentLimits.group {
      let passage = passages[start + index]
      group[index] = passage &- last &- 1
      last = passage
    }
    let width = engram_group_width(group)
    for index in 0..<SegmentLimits.group { group[128 + index] = frequencies[start + index] - 1 }
    let frequencyWidth = engram_group_width(group + 128)
    postings.append(UInt8(width))
    postings.append(UInt8(frequencyWidth))
    engram_pack_group(group, width, packed)
    engram_pack_group(group + 128, frequencyWidth, packed + 16 * Int(width))
    postings.append(
      contentsOf: UnsafeBufferPointer(start: packed, count: 16 * Int(width + frequencyWidth)))
  }

  private mutating func writeSkip(
    _ number: Int, last: UInt32, offset: UInt32, before: UInt32,
    passages: UnsafeBufferPointer<UInt32>, frequencies: UnsafeBufferPointer<UInt32>,
    lengths: UnsafeBufferPointer<UInt16>
  ) {
    var impacts = Impacts()
    for index in passages.indices {
      impacts.add(frequencies[index], length: lengths[Int(passages[index])])
    }
    postings.withUnsafeMutableBytes { bytes in
      let at = number * SegmentLimits.skipBytes
      bytes.storeBytes(of: last.littleEndian, toByteOffset: at, as: UInt32.self)
      bytes.storeBytes(of: offset.littleEndian, toByteOffset: at + 4, as: UInt32.self)
      bytes.storeBytes(of: before.littleEndian, toByteOffset: at + 8, as: UInt32.self)
      impacts.store(to: UnsafeMutableRawBufferPointer(rebasing: bytes[(at + 12)...]))
    }
  }

  private mutating func encodePositions(
    _ frequencies: UnsafeBufferPointer<UInt32>, _ places: UnsafeBufferPointer<UInt32>
  ) {
    let size = SegmentLimits.group
    let full = places.count / size
    distances.removeAll()
    distances.reserve(places.count)
    var index = 0
    for frequency in frequencies {
      var last: UInt32 = 0
      for _ in 0..<frequency {
        distances.appendReserved(places[index] &- last)
        last = places[index]
        index += 1
      }
    }
    positions.append(contentsOf: repeatElement(0, count: full))
    for number in 0..<full {
      let start = distances.base + number * size
      let width = engram_group_width(start)
      positions[number] = UInt8(width)
      engram_pack_group(start, width, packed)
      positions.append(contentsOf: UnsafeBufferPointer(start: packed, count: 16 * Int(width)))
    }
    for index in full * size..<places.count {
      Varint.append(UInt64(distances.base[index]), to: &positions)
    }
  }
}
