/// What was asked and found since a store was opened.
struct ContextCounters: Sendable {
  var lookups = 0
  var lookedUpBlocks = 0
  var foundBlocks = 0
  var storedBlocks = 0
  var presentBlocks = 0
  var refusedBlocks = 0
  var storedBytes = 0
  var readBytes = 0
  var gatheredRows = 0
  var evictedSegments = 0
  var evictedBlocks = 0
  var movedBlocks = 0
  var damagedBlocks = 0
  var expiredBlocks = 0
}

/// What a context store holds, and what was asked of it since it was opened.
public struct ContextStatistics: Codable, Hashable, Sendable {
  /// The cap, bytes of the folder's files; 0 where it was opened for reading.
  public var capacityBytes: Int
  /// Bytes of a segment when it is begun.
  public var segmentBytes: Int
  /// Bytes of the folder's files now, and of evicted segments that somebody still reads.
  public var usedBytes: Int
  /// Bytes of blocks that can be found.
  public var liveBytes: Int
  /// Segments.
  public var segments: Int
  /// Blocks that can be found; a block whose groups were put at different times counts as often.
  public var blocks: Int
  /// Namespaces.
  public var namespaces: Int
  /// Blocks that are kept from eviction.
  public var pinnedBlocks: Int
  /// Lookups.
  public var lookups: Int
  /// Blocks that lookups asked for.
  public var lookedUpBlocks: Int
  /// Those of them that they found.
  public var foundBlocks: Int
  /// Blocks that puts stored.
  public var storedBlocks: Int
  /// Blocks that were there already.
  public var presentBlocks: Int
  /// Blocks that could not be stored.
  public var refusedBlocks: Int
  /// Bytes that puts stored, of rows alone.
  public var storedBytes: Int
  /// Bytes that reads delivered, rows of gathers included.
  public var readBytes: Int
  /// Rows that gathers delivered.
  public var gatheredRows: Int
  /// Segments that had to go.
  public var evictedSegments: Int
  /// The blocks in them.
  public var evictedBlocks: Int
  /// Blocks that moved to another segment and stayed.
  public var movedBlocks: Int
  /// Blocks that did not match their checksums.
  public var damagedBlocks: Int
  /// Blocks that were too old when they were asked for.
  public var expiredBlocks: Int

  enum CodingKeys: String, CodingKey {
    case segments, blocks, namespaces, lookups
    case capacityBytes = "capacity_bytes"
    case segmentBytes = "segment_bytes"
    case usedBytes = "used_bytes"
    case liveBytes = "live_bytes"
    case pinnedBlocks = "pinned_blocks"
    case lookedUpBlocks = "looked_up_blocks"
    case foundBlocks = "found_blocks"
    case storedBlocks = "stored_blocks"
    case presentBlocks = "present_blocks"
    case refusedBlocks = "refused_blocks"
    case storedBytes = "stored_bytes"
    case readBytes = "read_bytes"
    case gatheredRows = "gathered_rows"
    case evictedSegments = "evicted_segments"
    case evictedBlocks = "evicted_blocks"
    case movedBlocks = "moved_blocks"
    case damagedBlocks = "damaged_blocks"
    case expiredBlocks = "expired_blocks"
  }
}

/// What of a namespace is stored.
public struct ContextSpaceStatistics: Codable, Hashable, Sendable {
  /// The namespace's digest.
  public var id: String
  /// Blocks that can be found.
  public var blocks: Int
  /// Their bytes.
  public var bytes: Int
  /// Blocks that are kept from eviction.
  public var pinned: Int
}
