import ChunkStore
import Digests
import Samples
import Storage

/// What differs between two dataset versions, as sets of samples: their order does not count.
///
/// Documents are the same document where their `id` is; other samples have no name, so that they
/// are added or removed, never changed.
public struct DatasetDiff: Sendable {
  /// A sample that differs.
  public struct Entry: Hashable, Sendable, Codable {
    /// A document's id, else "sample NUMBER".
    public var name: String
    /// Its number in the earlier version.
    public var before: Int?
    /// Its number in the later version.
    public var after: Int?
  }

  /// Samples that only the later version has, in its order.
  public var added: [Entry] = []
  /// Samples that only the earlier version has, in its order.
  public var removed: [Entry] = []
  /// Documents that both have, with another text or other metadata, in the later one's order.
  public var changed: [Entry] = []
  /// Samples that are the same in both.
  public var unchanged = 0
  /// Samples that had to be looked at, because they do not stand in chunks that both share.
  public var compared = 0
  /// The chunks.
  public var chunks = ChunkChange()
}

extension Store {
  /// Compares two versions. What both list of the same chunk is the same, and is not read; of the
  /// rest digests are compared, and only what differs is decoded, for its name.
  ///
  /// - Parameter progress: called with samples done and in all.
  /// - Throws: `DatasetError.otherKind` where the kinds differ; what reading throws.
  /// - Complexity: O(extents of both + samples that are not in shared chunks).
  public func diff(
    _ earlier: DatasetVersion, _ later: DatasetVersion,
    progress: @escaping (Int, Int) throws -> Void = { _, _ in }
  ) throws -> DatasetDiff {
    guard earlier.manifest.kind == later.manifest.kind else {
      throw DatasetError.otherKind(
        name: later.title, present: later.manifest.kind.rawValue,
        wanted: earlier.manifest.kind.rawValue)
    }
    let (before, after) = (try Dataset(earlier, in: self), try Dataset(later, in: self))
    var diff = DatasetDiff()
    diff.chunks = try ChunkSet(of: after).change(from: ChunkSet(of: before))
    let rest = try UnsharedSamples(before, after)
    diff.compared = rest.before.reduce(0) { $0 + $1.count } + rest.after.reduce(0) { $0 + $1.count }
    var matcher = DigestMatcher(total: diff.compared, progress: progress)
    let (gone, new) = try matcher.unmatched(
      (SampleReader(before), rest.before), (SampleReader(after), rest.after))
    diff.unchanged = before.count - gone.count
    try diff.name(gone, SampleReader(before), new, SampleReader(after))
    return diff
  }
}

/// Matches samples by their digests and sizes.
private struct DigestMatcher {
  struct Key: Hashable {
    let digest: UInt64
    let size: Int
  }

  let total: Int
  let progress: (Int, Int) throws -> Void
  private var done = 0

  init(total: Int, progress: @escaping (Int, Int) throws -> Void) {
    self.total = total
    self.progress = progress
  }

  /// The samples of each side that the other side does not have, in order. A sample that one side
  /// has more often is left over as often, the first ones are matched.
  mutating func unmatched(
    _ before: (reader: SampleReader, samples: [Range<Int>]),
    _ after: (reader: SampleReader, samples: [Range<Int>])
  ) throws -> (before: [Int], after: [Int]) {
    var waiting: [Key: Int] = [:]
    try forEach(before) { key, _ in waiting[key, default: 0] += 1 }
    var new: [Int] = []
    var found: [Key: Int] = [:]
    try forEach(after) { key, number in
      if let count = waiting[key], count > found[key, default: 0] {
        found[key, default: 0] += 1
      } else {
        new.append(number)
      }
    }
    var gone: [Int] = []
    try forEach(before, isCounted: false) { key, number in
      if let count = found[key], count > 0 { found[key] = count - 1 } else { gone.append(number) }
    }
    return (gone, new)
  }

  private mutating func forEach(
    _ side: (reader: SampleReader, samples: [Range<Int>]), isCounted: Bool = true,
    _ body: (Key, Int) throws -> Void
  ) throws {
    for range in side.samples {
      for number in range {
        try body(
          Key(digest: side.reader.digest(of: number), size: side.reader.size(of: number)), number)
        guard isCounted else { continue }
        done += 1
        if done.isMultiple(of: 4096) { try progress(done, total) }
      }
    }
  }
}

extension DatasetDiff {
  /// Sorts samples that only one side has into added, removed and changed ones.
  fileprivate mutating func name(
    _ gone: [Int], _ before: SampleReader, _ new: [Int], _ after: SampleReader
  ) throws {
    var byName: [String: [Int]] = [:]
    if after.dataset.manifest.kind == .document {
      // Reversed, so that the first of several of one name is the last of the list.
      for number in gone.reversed() {
        byName[try before.name(of: number), default: []].append(number)
      }
    }
    var isPaired: Set<Int> = []
    for number in new {
      let name = try after.name(of: number)
      if let partner = byName[name]?.popLast() {
        isPaired.insert(partner)
        changed.append(Entry(name: name, before: partner, after: number))
      } else {
        added.append(Entry(name: name, before: nil, after: number))
      }
    }
    for number in gone where !isPaired.contains(number) {
      removed.append(Entry(name: try before.name(of: number), before: number, after: nil))
    }
  }
}
