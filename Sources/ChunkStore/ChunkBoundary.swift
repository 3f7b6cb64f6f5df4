/// Where chunks end: chosen by what samples hold, so that two corpora with a stretch in common have
/// the chunks inside that stretch in common.
public struct ChunkBoundary: Hashable, Sendable {
  /// No chunk ends before it has this many raw bytes.
  public var minimum: Int
  /// Raw bytes of a chunk on average.
  public var average: Int
  /// A chunk ends when it has this many.
  public var maximum: Int

  /// Chunks of about 4 MiB.
  public static let standard = ChunkBoundary(minimum: 1 << 20, average: 4 << 20, maximum: 8 << 20)

  /// Bounds in bytes, 0 <= `minimum` < `average` <= `maximum` <= `ChunkLayout.sampleLimit`.
  public init(minimum: Int, average: Int, maximum: Int) {
    precondition(0 <= minimum && minimum < average && average <= maximum)
    precondition(maximum <= ChunkLayout.sampleLimit)
    self.minimum = minimum
    self.average = average
    self.maximum = maximum
  }

  /// Whether a chunk ends behind a sample.
  ///
  /// The chance is in proportion to the sample's size, so that chunks of small samples and of
  /// large ones have the same size on average.
  ///
  /// - Parameter digest: of the sample.
  /// - Parameter bytes: of the sample.
  /// - Parameter total: raw bytes of the chunk with it.
  func ends(digest: UInt64, bytes: Int, total: Int) -> Bool {
    if total >= maximum { return true }
    guard total >= minimum else { return false }
    let chance = Double(bytes) / Double(average - minimum)
    return chance >= 1 || digest >> 11 < UInt64(chance * 0x1p53)
  }
}
