import ChunkStore
import Foundation
import Samples

/// Reads samples of a dataset by number, every one checked. One thread at a time: make one for
/// each thread; what they read is shared through the system's page cache.
///
///     let reader = SampleReader(dataset)
///     let bytes = try reader.sample(17)
///
/// It keeps chunks open (at most `openChunks` of them, mapped) and the block it decoded last.
public final class SampleReader {
  /// The most chunks that are kept open.
  public static let openChunks = 512

  /// What is read.
  public let dataset: Dataset
  private let isMapped: Bool
  private let decoder = BlockDecoder()
  private var chunks: [ChunkKey: Chunk] = [:]
  private var pages: [ManifestPage?]
  /// The extent that the last sample was in, its samples' numbers in the dataset, and its chunk.
  private var current: (numbers: Range<Int>, first: Int, chunk: Chunk)?

  /// A reader of its own.
  ///
  /// - Parameter isMapped: `false` reads chunks by ranges, as from an object store.
  public init(_ dataset: Dataset, isMapped: Bool = true) {
    self.dataset = dataset
    self.isMapped = isMapped
    pages = Array(repeating: nil, count: dataset.manifest.pages.count)
  }

  /// Calls `body` with a sample's bytes, which are valid only during the call and until this reader
  /// reads again.
  ///
  /// - Parameter number: 0..<`dataset.count`.
  /// - Throws: `DatasetError.sampleOutOfRange`; `ChunkError` where the sample cannot be served
  ///   as it was put in; what `body` throws.
  /// - Complexity: O(log chunks) to find it, then its blocks.
  public func withSample<Result>(
    _ number: Int, _ body: (UnsafeRawBufferPointer) throws -> Result
  ) throws -> Result {
    let (chunk, index) = try locate(number)
    return try decoder.withBytes(chunk.rawRange(of: index), of: chunk, body)
  }

  /// A sample's bytes.
  public func sample(_ number: Int) throws -> [UInt8] {
    try withSample(number) { Array($0) }
  }

  /// A sample's size in bytes; its blocks are not touched.
  public func size(of number: Int) throws -> Int {
    let (chunk, index) = try locate(number)
    return chunk.rawRange(of: index).count
  }

  /// A sample's digest, as its chunk has it (see `SampleDigest`).
  public func digest(of number: Int) throws -> UInt64 {
    let (chunk, index) = try locate(number)
    return chunk.digests[index]
  }

  /// Calls `body` with the text and the metadata (a JSON object) of a document, UTF-8.
  ///
  /// - Throws: as `withSample`; `DatasetError.badSample` where the sample is no document.
  public func withDocument<Result>(
    _ number: Int,
    _ body: (_ text: UnsafeRawBufferPointer, _ metadata: UnsafeRawBufferPointer) throws -> Result
  ) throws -> Result {
    try withSample(number) { bytes in
      let parts: DocumentSample
      do {
        guard dataset.manifest.kind == .document else {
          throw SampleError.malformed(
            kind: .document, reason: "the dataset holds \(dataset.manifest.kind.rawValue)")
        }
        parts = try DocumentSample(bytes)
      } catch let error as SampleError {
        throw DatasetError.badSample(
          dataset: dataset.version.title, number: number, reason: error.description)
      }
      return try body(
        UnsafeRawBufferPointer(rebasing: bytes[parts.text]),
        UnsafeRawBufferPointer(rebasing: bytes[parts.metadata]))
    }
  }

  /// The chunk that a sample is in, and the sample's number there.
  func locate(_ number: Int) throws -> (chunk: Chunk, index: Int) {
    if let current, current.numbers.contains(number) {
      return (current.chunk, current.first + number - current.numbers.lowerBound)
    }
    guard number >= 0, number < dataset.count else {
      throw DatasetError.sampleOutOfRange(
        dataset: dataset.version.title, number: number, samples: dataset.count)
    }
    let pageIndex = dataset.pageIndex(of: number)
    let page: ManifestPage
    if let known = pages[pageIndex] {
      page = known
    } else {
      page = try dataset.page(pageIndex)
      pages[pageIndex] = page
    }
    let start = dataset.pageStarts[pageIndex]
    let index = page.extentIndex(of: number - start)
    let extent = page.extents[index]
    let chunk = try open(extent.chunk, key: page.keys[index])
    // Another extent may have opened the chunk, and said something else about it.
    guard extent.indices.upperBound <= chunk.samples else {
      throw DatasetError.corrupt(
        place: dataset.version.title,
        reason:
          "it lists sample \(extent.indices.upperBound - 1) of chunk \(chunk.name), which has "
          + "\(chunk.samples)")
    }
    let first = start + page.starts[index]
    current = (first..<first + extent.count, extent.first, chunk)
    return (chunk, extent.first + number - first)
  }

  private func open(_ sealed: SealedChunk, key: ChunkKey) throws -> Chunk {
    if let chunk = chunks[key] { return chunk }
    let chunk = try Chunk(sealed, in: dataset.chunks, isMapped: isMapped)
    if chunks.count >= Self.openChunks { chunks.removeAll(keepingCapacity: true) }
    chunks[key] = chunk
    return chunk
  }
}
