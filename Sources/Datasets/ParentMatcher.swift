import ChunkStore
import Foundation

/// Finds samples again that the version before has, so that a new version lists them where they
/// are. Looks at the expected place first, then near it: memory is bounded, whatever the size.
///
/// What it finds follows from the parent, the cursor and the sample alone, so that an ingest which
/// was interrupted and goes on finds what an unbroken one does.
final class ParentMatcher {
  /// Samples of a stretch, whose digests are looked up together.
  static let stretchSamples = 4096
  /// How many stretches before and behind that of the expected place are looked at.
  static let reach = 16

  private let reader: SampleReader
  private let count: Int
  /// By the number of a stretch near the cursor: the first place of each digest in it.
  private var stretches: [Int: [UInt64: Int]] = [:]
  /// Chunks of which the parent uses less than half: their samples are stored anew, so that chunks
  /// do not live on for a few samples.
  private let sparse: Set<ChunkKey>
  /// The sample that is expected next.
  private(set) var cursor: Int

  /// - Parameter cursor: where to go on, after a resume.
  init(_ parent: Dataset, cursor: Int = 0) throws {
    reader = SampleReader(parent)
    count = parent.count
    self.cursor = min(cursor, count)
    var used: [ChunkKey: (bytes: Int, of: Int)] = [:]
    try parent.forEachExtent { extent, _ in
      used[ChunkKey(extent.chunk.name), default: (0, extent.chunk.rawBytes)].bytes +=
        extent.rawBytes
    }
    sparse = Set(used.filter { 2 * $0.value.bytes < $0.value.of }.keys)
  }

  /// The place of an equal sample in the parent, `nil` where none is near.
  ///
  /// - Complexity: O(1) and a comparison of bytes for the sample that is expected; a look-up in
  ///   each stretch for others.
  func match(_ sample: UnsafeRawBufferPointer, digest: UInt64) throws -> Extent? {
    // Of samples that stand in the parent over and over, the expected one.
    if cursor < count, try reader.digest(of: cursor) == digest,
      let found = try extent(at: cursor, ifEqualTo: sample)
    {
      return found
    }
    let middle = cursor / Self.stretchSamples
    for distance in 0...Self.reach {
      for number in distance == 0 ? [middle] : [middle + distance, middle - distance] {
        guard let place = try stretch(number)[digest] else { continue }
        if let found = try extent(at: place, ifEqualTo: sample) { return found }
      }
    }
    return nil
  }

  private func extent(
    at place: Int, ifEqualTo sample: UnsafeRawBufferPointer
  ) throws -> Extent? {
    let (chunk, index) = try reader.locate(place)
    guard !sparse.contains(ChunkKey(chunk.name)) else { return nil }
    let isEqual = try reader.withSample(place) { bytes in
      bytes.count == sample.count
        && (sample.isEmpty || memcmp(bytes.baseAddress!, sample.baseAddress!, sample.count) == 0)
    }
    guard isEqual else { return nil }
    cursor = place + 1
    return Extent(
      chunk: try reader.sealed(at: place), first: index, count: 1, rawBytes: sample.count)
  }

  private func stretch(_ number: Int) throws -> [UInt64: Int] {
    if let known = stretches[number] { return known }
    let start = number * Self.stretchSamples
    guard number >= 0, start < count else { return [:] }
    var places: [UInt64: Int] = [:]
    for place in start..<min(count, start + Self.stretchSamples) {
      let digest = try reader.digest(of: place)
      if places[digest] == nil { places[digest] = place }
    }
    let middle = cursor / Self.stretchSamples
    stretches = stretches.filter { abs($0.key - middle) <= Self.reach }
    stretches[number] = places
    return places
  }
}

extension SampleReader {
  /// The chunk that holds a sample, as the manifest has it.
  func sealed(at number: Int) throws -> SealedChunk {
    let pageIndex = dataset.pageIndex(of: number)
    let page = try dataset.page(pageIndex)
    return page.extents[page.extentIndex(of: number - dataset.pageStarts[pageIndex])].chunk
  }
}
