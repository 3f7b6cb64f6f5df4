import Datasets

/// What an ingest did.
public struct IngestReport: Sendable {
  /// What was counted on the way, a resumed run's first part included.
  public struct Counts: Codable, Hashable, Sendable {
    /// Samples that went in.
    public var samples = 0
    /// Their bytes.
    public var bytes = 0
    /// Samples that are those of the version before, and were not stored again.
    public var sharedSamples = 0
    /// Samples left out because an equal one was in already.
    public var exactDuplicates = 0
    /// Samples left out because a similar one was in already.
    public var nearDuplicates = 0
    /// Records and files left out, by reason.
    public var leftOut: [String: Int] = [:]
    /// Records that cannot be read.
    public var bad = 0
    /// Documents without text.
    public var empty = 0

    mutating func leaveOut(_ reasons: [String: Int]) {
      leftOut.merge(reasons, uniquingKeysWith: +)
    }
  }

  /// The version that was published, or that was there where nothing differs.
  public var version: DatasetVersion
  /// Whether it is a new one.
  public var isNew: Bool
  /// What was counted.
  public var counts: Counts
  /// Where bad records went, if there were any.
  public var sideFile: String?
  /// Chunks that were not there before.
  public var newChunks: Int
  /// Bytes of their files.
  public var newFileBytes: Int
  /// Documents that were forgotten by the search for duplicates to stay within its memory: what is
  /// equal to them was not found.
  public var forgottenDuplicates = 0
  /// Samples that were in before this run, where it went on with an interrupted one.
  public var resumedSamples = 0
}
