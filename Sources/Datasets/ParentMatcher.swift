import ChunkStore
import Foundation

/// Finds samples again that the version before has, so that a new version lists them where they
/// are. Looks near the place where the last one was found: memory is bounded, whatever the size.
final class ParentMatcher {
  /// How many samples before and behind the expected place are looked at.
  static let reach = 65_536

  private let reader: SampleReader
  private let count: Int
  /// Samples of the parent whose digests are in `places`.
  private var window = 0..<0
  private var digests: [UInt64] = []
  private var places: [UInt64: [Int]] = [:]
  /// Chunks of which the parent uses less than half: their samples are stored anew, so that chunks
  /// do not live on for a few samples.
  private let sparse: Set<ChunkKey>
  /// The sample that is expected next.
  private(set) var cursor: Int

  /// - Parameter cursor: where to go on, after a resume.
  init(_ parent: Dataset, cursor: Int = 0) throws {
    reader = SampleReader(parent)
    count = parent.count
    self.cursor = cursor
    var used: [ChunkKey: (bytes: Int, of: Int)] = [:]
    try parent.forEachExtent { extent, _ in
      used[ChunkKey(extent.chunk.name), default: (0, extent.chunk.rawBytes)].bytes +=
        extent.rawBytes
    }
    sparse = Set(used.filter { 2 * $0.value.bytes < $0.value.of }.keys)
    window = max(0, cursor - Self.reach)..<max(0, cursor - Self.reach)
  }

  /// The place of an equal sample in the parent, `nil` where none is near.
  ///
  /// - Complexity: O(1) for a sample that is not there; a comparison of bytes for one that is.
  func match(_ sample: UnsafeRawBufferPointer, digest: UInt64) throws -> Extent? {
    try fill()
    for place in candidates(digest) {
      let (chunk, index) = try reader.locate(place)
      guard !sparse.contains(ChunkKey(chunk.name)) else { continue }
      let isEqual = try reader.withSample(place) { bytes in
        bytes.count == sample.count
          && (sample.isEmpty
            || memcmp(bytes.baseAddress!, sample.baseAddress!, sample.count) == 0)
      }
      guard isEqual else { continue }
      cursor = place + 1
      return Extent(
        chunk: try reader.sealed(at: place), first: index, count: 1, rawBytes: sample.count)
    }
    return nil
  }

  /// Samples with this digest, the expected one first, then the nearest.
  private func candidates(_ digest: UInt64) -> [Int] {
    guard let found = places[digest] else { return [] }
    return found.count == 1 ? found : found.sorted { abs($0 - cursor) < abs($1 - cursor) }
  }

  /// Moves the window so that the cursor stands in its middle, some thousand samples at a time.
  private func fill() throws {
    let step = 4096
    let wanted = min(count, cursor + Self.reach)
    guard window.upperBound < wanted, wanted - window.upperBound >= step || wanted == count else {
      return
    }
    for place in window.upperBound..<wanted {
      let digest = try reader.digest(of: place)
      digests.append(digest)
      // Of a sample that stands here over and over, a few places do.
      if places[digest, default: []].count < 16 { places[digest, default: []].append(place) }
    }
    let lower = max(window.lowerBound, min(wanted, cursor - Self.reach))
    for place in window.lowerBound..<lower {
      let digest = digests[place - window.lowerBound]
      places[digest]?.removeAll { $0 == place }
      if places[digest]?.isEmpty ?? false { places[digest] = nil }
    }
    digests.removeFirst(lower - window.lowerBound)
    window = lower..<wanted
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
