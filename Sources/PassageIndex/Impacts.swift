/// The largest parts of a score that a group of postings can give: for postings of frequency 1, 2,
/// 3 to 4, and more, the largest frequency and the length of the shortest passage. Every posting of
/// a kind scores at most what these two would; for the first two kinds one posting does.
struct Impacts {
  static let kinds = 4
  private var frequencies = SIMD4<UInt32>(repeating: 0)
  private var lengths = SIMD4<UInt32>(repeating: UInt32(UInt16.max))

  /// Takes a posting in.
  @inline(__always)
  mutating func add(_ frequency: UInt32, length: UInt16) {
    let kind = frequency < 3 ? Int(frequency) - 1 : frequency < 5 ? 2 : 3
    frequencies[kind] = max(frequencies[kind], frequency)
    lengths[kind] = min(lengths[kind], UInt32(length))
  }

  /// Writes four frequencies, a byte each, and four lengths, two bytes each. A frequency of 0 says
  /// that there is no such posting, 255 that it may be anything from there on.
  func store(to bytes: UnsafeMutableRawBufferPointer) {
    for kind in 0..<Self.kinds {
      bytes[kind] = UInt8(min(frequencies[kind], 255))
      bytes.storeBytes(
        of: UInt16(lengths[kind]).littleEndian, toByteOffset: 4 + 2 * kind, as: UInt16.self)
    }
  }

  /// The frequency that a stored one stands for.
  @inline(__always)
  static func frequency(_ stored: UInt8) -> UInt32 {
    stored == 255 ? UInt32(SegmentLimits.passageWords) : UInt32(stored)
  }
}
