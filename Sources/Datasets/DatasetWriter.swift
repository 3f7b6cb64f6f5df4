import ChunkStore
import Foundation
import Samples
import Storage

/// Makes a dataset version of samples that are appended in order, and publishes it all or nothing.
///
///     let writer = try DatasetWriter("corpus", kind: .document, in: store)
///     defer { writer.close() }
///     for sample in samples { _ = try writer.append(sample) }
///     let version = try writer.publish(message: "first", source: source)
///
/// A version with a parent lists samples that the parent has where they are, and stores the others.
/// One thread at a time; chunks are sealed and stored by threads of its own.
public final class DatasetWriter {
  /// How chunks are made.
  public struct Storage: Codable, Hashable, Sendable {
    /// Whether blocks are compressed.
    public var isCompressed: Bool
    /// Raw bytes of a block, a power of two from 4 KiB to 16 MiB.
    public var blockBytes: Int
    /// Raw bytes of a chunk on average; at least 64 KiB.
    public var chunkBytes = ChunkBoundary.standard.average

    /// The defaults: chunks of 4 MiB; blocks of 16 KiB by LZ4, or of 4 KiB as they are, where
    /// larger ones would save nothing and cost every read more to check.
    public init(isCompressed: Bool = true) {
      self.isCompressed = isCompressed
      blockBytes =
        isCompressed ? ChunkLayout.defaultBlockBytes : ChunkLayout.blockBytesRange.lowerBound
    }

    /// Whether chunks can be made so.
    public var isPossible: Bool {
      ChunkLayout.blockBytesRange.contains(blockBytes) && blockBytes.nonzeroBitCount == 1
        && (64 << 10...ChunkLayout.sampleLimit / 2).contains(chunkBytes)
    }

    var boundary: ChunkBoundary {
      ChunkBoundary(minimum: chunkBytes / 4, average: chunkBytes, maximum: 2 * chunkBytes)
    }
  }

  /// What a new version does with the samples of the version before.
  public enum Base: Sendable {
    /// Replaces them; what is still the same is shared.
    case replacing
    /// Keeps them, and goes on behind them.
    case appending
  }

  /// What was written so far.
  public struct Progress: Sendable {
    /// Samples appended to this writer.
    public var samples = 0
    /// Samples that the parent has, and that were not stored again.
    public var sharedSamples = 0
    /// Chunks stored anew.
    public var newChunks = 0
    /// Bytes of their files.
    public var newFileBytes = 0
  }

  /// What was written so far.
  public internal(set) var progress = Progress()
  /// The version that the new one builds on.
  public let parent: Dataset?

  enum Pending {
    case extent(Extent)
    case part(slot: Int, first: Int, count: Int, rawBytes: Int)
    case mark(state: Data, cursor: Int, samples: Int, bytes: Int)
  }

  let store: Store
  let name: String
  let kind: SampleKind
  let tokens: TokenLayout?
  let storage: Storage
  let isAppending: Bool
  let chunks: LocalChunks
  let pages: LocalChunks
  let pool: SealPool
  let matcher: ParentMatcher?
  var manifest: ManifestBuilder
  var builder: ChunkBuilder
  var slot = 0
  var pending: [Pending] = []
  /// The sample before, where it was shared, and how often shared samples that do not follow one
  /// another or new ones began since the last completed chunk. (Not a count of `pending`, which
  /// depends on how fast chunks are sealed.)
  private var lastShared: Extent?
  private var alternations = 0
  var samples = 0
  var bytes = 0
  var durable: InterruptedIngest?
  var isDurableSaved = true
  var lastSaved = ContinuousClock.now

  /// A chunk is completed early when new and shared samples have alternated so often.
  static let mostAlternations = 65_536

  /// How often a durable point is kept.
  static let savingInterval = Duration.milliseconds(1000)

  /// Begins a version, or goes on with one that was interrupted.
  ///
  /// - Parameter store: open for writing.
  /// - Parameter threads: that seal chunks.
  /// - Parameter interrupted: of the same dataset, kind and storage.
  /// - Throws: `DatasetError.otherKind`, `.otherIngest`; what opening the parent throws.
  public init(
    _ name: String, kind: SampleKind, tokens: TokenLayout? = nil, base: Base = .replacing,
    storage: Storage = Storage(), threads: Int = ProcessInfo.processInfo.activeProcessorCount,
    resuming interrupted: InterruptedIngest? = nil, in store: Store
  ) throws {
    guard try DatasetReference(parsing: name).version == nil else {
      throw DatasetError.badName(name)
    }
    precondition(storage.isPossible, "no block or chunk sizes: \(storage)")
    self.store = store
    self.name = name
    self.kind = kind
    self.storage = storage
    chunks = store.chunks
    pages = store.manifestPages
    let newest = try store.datasetVersions(named: name).last
    parent = try newest.map { try Dataset($0, in: store) }
    let isAppending = if case .appending = base, parent != nil { true } else { false }
    self.isAppending = isAppending
    var tokens = tokens
    if let newest {
      guard newest.manifest.kind == kind else {
        throw DatasetError.otherKind(
          name: name, present: newest.manifest.kind.rawValue, wanted: kind.rawValue)
      }
      if isAppending, let present = newest.manifest.tokens, let wanted = tokens {
        guard present.width == wanted.width, present.hasBoundaries == wanted.hasBoundaries else {
          throw DatasetError.otherKind(
            name: name, present: "token ids of \(present.width) bytes",
            wanted: "token ids of \(wanted.width)")
        }
        tokens?.length = present.length == wanted.length ? wanted.length : nil
      }
    }
    precondition(
      (kind == .tokens) == (tokens != nil) && (tokens.map { [2, 4].contains($0.width) } ?? true),
      "the token layout does not fit the kind")
    self.tokens = tokens
    var cursor = 0
    if let interrupted {
      guard interrupted.parent?.identity == newest?.manifest.identity else {
        throw DatasetError.otherIngest(
          name: name, reason: "another version has been published since")
      }
      guard interrupted.kind == kind, interrupted.tokens == tokens,
        interrupted.storage == storage, interrupted.isAppending == isAppending
      else {
        throw DatasetError.otherIngest(name: name, reason: "its options were different")
      }
      manifest = ManifestBuilder(
        pages: interrupted.pages, open: try interrupted.openExtents(store: store.path),
        store: pages)
      samples = interrupted.samples
      bytes = interrupted.bytes
      cursor = interrupted.cursor
    } else if isAppending, let parent, let last = parent.manifest.pages.last {
      manifest = ManifestBuilder(
        pages: Array(parent.manifest.pages.dropLast()),
        open: try Dataset.extents(of: last, in: pages), store: pages)
      samples = parent.manifest.samples
      bytes = parent.manifest.bytes
    } else {
      manifest = ManifestBuilder(store: pages)
    }
    matcher =
      isAppending ? nil : try parent.map { try ParentMatcher($0, cursor: cursor) }
    // Two more than work at a time: those that wait for the disk use no core.
    pool = SealPool(threads: threads + 2, backend: chunks) {
      ChunkBuilder(
        codec: storage.isCompressed ? .lz4 : .stored, blockBytes: storage.blockBytes,
        boundary: storage.boundary)
    }
    builder = pool.builder()
  }

  deinit { pool.close() }

  /// Ends the writer's threads. What was not published is not there.
  public func close() { pool.close() }

  /// Appends a sample.
  ///
  /// - Returns: `true` where a chunk has just been completed: a point that `mark` can make one to
  ///   go on from.
  /// - Throws: `ChunkError.sampleTooLarge`; what went wrong with chunks before it.
  public func append(_ sample: UnsafeRawBufferPointer) throws -> Bool {
    let digest = SampleDigest.of(sample)
    progress.samples += 1
    if let found = try matcher?.match(sample, digest: digest) {
      progress.sharedSamples += 1
      add(found)
      count(sample)
      return try settleIfScattered()
    }
    let index = builder.samples
    let isFull = try builder.append(sample, digest: digest)
    if lastShared != nil { alternations += 1 }
    lastShared = nil
    if case .part(slot, let first, let count, let rawBytes)? = pending.last,
      first + count == index
    {
      pending[pending.count - 1] = .part(
        slot: slot, first: first, count: count + 1, rawBytes: rawBytes + sample.count)
    } else {
      pending.append(.part(slot: slot, first: index, count: 1, rawBytes: sample.count))
    }
    count(sample)
    if isFull { try completeChunk() }
    return try isFull || settleIfScattered()
  }

  /// Keeps what waits bounded where new and shared samples alternate: the chunk that they wait for
  /// is completed early. Counted from the last completed chunk, and so the same in every run.
  ///
  /// - Returns: whether a chunk was completed.
  private func settleIfScattered() throws -> Bool {
    guard alternations >= Self.mostAlternations else { return false }
    alternations = 0
    let isMark = builder.samples > 0
    if isMark { try completeChunk() } else { try drain(isWaiting: false) }
    return isMark
  }

  private func count(_ sample: UnsafeRawBufferPointer) {
    samples += 1
    bytes += sample.count
  }

  private func add(_ extent: Extent) {
    if lastShared.map({ !$0.isFollowed(by: extent) }) ?? true { alternations += 1 }
    lastShared = extent
    if case .extent(let last)? = pending.last, last.isFollowed(by: extent) {
      var merged = last
      merged.count += extent.count
      merged.rawBytes += extent.rawBytes
      pending[pending.count - 1] = .extent(merged)
    } else {
      pending.append(.extent(extent))
    }
  }

  func completeChunk() throws {
    try pool.submit(builder, slot: slot)
    slot += 1
    builder = pool.builder()
    alternations = 0
    try drain(isWaiting: false)
  }
}
