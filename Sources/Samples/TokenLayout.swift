/// How the token ids of a `tokens` dataset lie in its samples.
///
/// A sample's bytes: the ids, `width` bytes each, little-endian; where `hasBoundaries`, then the
/// places in the sample at which a document starts (4 bytes each, little-endian, ascending, in
/// tokens), and their number (4 bytes). So segment ids can be rebuilt, and ids start at byte 0.
public struct TokenLayout: Codable, Hashable, Sendable {
  /// Bytes of a token id: 2 or 4.
  public var width: Int
  /// Tokens of every sample but the last; `nil` where samples differ.
  public var length: Int?
  /// Whether samples end with the places where documents start.
  public var hasBoundaries: Bool

  /// A layout.
  public init(width: Int, length: Int? = nil, hasBoundaries: Bool = false) {
    self.width = width
    self.length = length
    self.hasBoundaries = hasBoundaries
  }

  /// The parts of a sample: where its ids are, in bytes, and where documents start, in tokens.
  ///
  /// - Throws: `SampleError.malformed` where sizes do not fit or places are not ascending places
  ///   of the sample.
  public func parts(
    of bytes: UnsafeRawBufferPointer
  ) throws(SampleError) -> (ids: Range<Int>, starts: [Int]) {
    var end = bytes.count
    var starts: [Int] = []
    if hasBoundaries {
      guard end >= 4 else { throw malformed("it has no list of boundaries") }
      let count = unsafe Self.load(bytes, at: end - 4)
      guard count <= (end - 4) / 4 else { throw malformed("its list of boundaries is cut off") }
      end -= 4 + 4 * count
      for index in 0..<count { starts.append(unsafe Self.load(bytes, at: end + 4 * index)) }
      var last = -1
      for start in starts {
        guard start > last, start <= end / width else {
          throw malformed("its boundaries are not ascending places of the sample")
        }
        last = start
      }
    }
    guard end % width == 0 else { throw malformed("\(end) bytes are no whole ids of \(width)") }
    return (0..<end, starts)
  }

  /// Appends the bytes of a sample.
  ///
  /// - Parameter ids: each below 2^(8 x `width`); a greater one loses its upper bits.
  /// - Parameter starts: where documents start, ascending; only where `hasBoundaries`.
  public func append(
    ids: some Collection<UInt32>, starts: some Collection<Int> = [], to bytes: inout [UInt8]
  ) {
    for id in ids {
      for byte in 0..<width { bytes.append(UInt8(truncatingIfNeeded: id >> UInt32(8 * byte))) }
    }
    guard hasBoundaries else { return }
    for number in Array(starts) + [starts.count] {
      for byte in 0..<4 { bytes.append(UInt8(truncatingIfNeeded: number >> (8 * byte))) }
    }
  }

  private func malformed(_ reason: String) -> SampleError {
    .malformed(kind: .tokens, reason: reason)
  }

  private static func load(_ bytes: UnsafeRawBufferPointer, at offset: Int) -> Int {
    Int(unsafe UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self)))
  }
}
