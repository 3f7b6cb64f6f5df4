/// Reads one unit, from its first record to its last. One thread at a time.
public protocol CorpusReader: AnyObject {
  /// The next samples, `nil` at the end.
  ///
  /// What is wrong with a record or with the rest of the unit is no thrown error: it stands in the
  /// batch, and reading goes on behind it where that is possible.
  ///
  /// - Parameter bytes: about how many bytes of samples to return; one sample may be more.
  func nextBatch(bytes: Int) throws -> RecordBatch?
}

/// A place in a unit, between two records: enough to go on from there.
public struct CorpusPosition: Codable, Hashable, Sendable {
  /// Records before it, bad ones and left-out ones included.
  public var records: Int
  /// Bytes before it in the decompressed unit, from the file's (not the part's) start; 0 where
  /// the format is not found by bytes.
  public var offset: Int

  /// A place.
  public init(records: Int = 0, offset: Int = 0) {
    self.records = records
    self.offset = offset
  }
}

/// Samples that were read, end to end in one buffer.
public struct RecordBatch: Sendable {
  /// The samples' bytes (see `Samples`), one after another.
  public var bytes: [UInt8] = []
  /// Where each sample ends in `bytes`.
  public var ends: [Int] = []
  /// For each sample, the place behind its record.
  public var positions: [CorpusPosition] = []
  /// Records that are no samples, in order.
  public private(set) var bad: [BadRecord] = []
  /// For each bad record, how many of the batch's samples stand before it.
  public private(set) var badPlaces: [Int] = []
  /// Records that were left out, in order, those of one reason between two samples together.
  public private(set) var leftOutRuns: [LeftOut] = []

  /// Records that were left out for one reason between two samples.
  public struct LeftOut: Hashable, Sendable {
    /// How many of the batch's samples stand before them.
    public var place: Int
    /// Why ("fewer than 100 bytes").
    public var reason: String
    /// How many.
    public var count: Int
  }

  /// An empty batch.
  public init() {}

  /// Records that were left out, by reason.
  public var leftOut: [String: Int] {
    leftOutRuns.reduce(into: [:]) { $0[$1.reason, default: 0] += $1.count }
  }

  /// Adds a bad record behind the samples that are there.
  public mutating func append(_ bad: BadRecord) {
    self.bad.append(bad)
    badPlaces.append(ends.count)
  }

  /// Counts records that were left out behind the samples that are there.
  public mutating func leaveOut(_ reason: String, count: Int = 1) {
    var index = leftOutRuns.count
    while index > 0, leftOutRuns[index - 1].place == ends.count {
      index -= 1
      if leftOutRuns[index].reason == reason {
        leftOutRuns[index].count += count
        return
      }
    }
    leftOutRuns.append(LeftOut(place: ends.count, reason: reason, count: count))
  }
}

/// A record, or a whole file, that cannot be read: what, where, why.
public struct BadRecord: Hashable, Sendable, Codable, CustomStringConvertible {
  /// The file's path.
  public var path: String
  /// The line (JSONL, CSV) or record, from 1; `nil` where the whole file is bad.
  public var record: Int?
  /// The member of an archive, where there is one.
  public var member: String?
  /// Why, and what to do: words without the place.
  public var reason: String
  /// Whether nothing more can be read from the unit.
  public var endsUnit: Bool
  /// The record's first bytes, at most 4,096, for the side file.
  public var excerpt: [UInt8]

  /// A bad record.
  public init(
    path: String, record: Int? = nil, member: String? = nil, reason: String,
    endsUnit: Bool = false, excerpt: [UInt8] = []
  ) {
    self.path = path
    self.record = record
    self.member = member
    self.reason = reason
    self.endsUnit = endsUnit
    self.excerpt = excerpt
  }

  /// One line: `corpus.jsonl:17: this line is no JSON object: ...`.
  public var description: String {
    path + (record.map { ":\($0)" } ?? "") + (member.map { " (\($0))" } ?? "") + ": " + reason
  }
}
