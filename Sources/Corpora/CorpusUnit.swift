import Compression
import Samples

/// A piece of the sources that one reader reads: a file, or a part of a large one. Units stand in
/// the order in which their samples go into the dataset.
public struct CorpusUnit: Sendable {
  /// The path as the system knows it; `-` for standard input.
  public var path: String
  /// The path below the source that was named, `/` between folders: what documents are called by.
  public var name: String
  /// How it is read.
  public var format: CorpusFormat
  /// How its bytes are compressed.
  public var compression: CompressionFormat
  /// Size in bytes when it was listed; -1 where that cannot be known.
  public var size: Int
  /// Time of the last change when it was listed, in nanoseconds since 1970.
  public var modified: Int
  /// The part of the file that this unit is, `nil` for all of it. What the numbers count is the
  /// format's own affair: bytes of a JSONL file (a line belongs to the part in which it starts),
  /// samples of an array.
  public var part: Range<Int>?
  /// The path's bytes, where they are not UTF-8 and `path` only shows them.
  public var systemPath: [UInt8]?
  /// What the parts of a JSONL file know of its lines, shared by them.
  package var lines: LineCounts?

  /// A unit.
  public init(
    path: String, name: String, format: CorpusFormat, compression: CompressionFormat = .none,
    size: Int = -1, modified: Int = 0, part: Range<Int>? = nil
  ) {
    self.path = path
    self.name = name
    self.format = format
    self.compression = compression
    self.size = size
    self.modified = modified
    self.part = part
  }

  /// Bytes of this unit as they lie on the disk, for progress; 0 where that is not known.
  public var bytesOnDisk: Int {
    if let part, format != .npy, format != .megatron { return part.count }
    return max(0, size)
  }
}

/// What will be read, found before anything is.
public struct CorpusPlan: Sendable {
  /// What samples are.
  public var kind: SampleKind
  /// How token ids lie, for `tokens`.
  public var tokens: TokenLayout?
  /// What to read, in order.
  public var units: [CorpusUnit]
  /// Files that were left out, by reason ("extension .png").
  public var leftOut: [String: Int]
  /// What could not be read: FIFOs, loops of links, files without permission.
  public var bad: [BadRecord]

  /// A plan.
  public init(
    kind: SampleKind, tokens: TokenLayout? = nil, units: [CorpusUnit],
    leftOut: [String: Int] = [:], bad: [BadRecord] = []
  ) {
    self.kind = kind
    self.tokens = tokens
    self.units = units
    self.leftOut = leftOut
    self.bad = bad
  }
}
