/// The best passages so far: of all that were offered, the first `limit` in the order of scores, of
/// which no document has more than `perDocument`.
package struct TopPassages {
  /// A passage that was offered.
  package struct Entry: Hashable, Sendable {
    /// Its score, in the search's unit.
    package var score: UInt32
    /// Which of the collections that are searched it belongs to.
    package var collection: Int
    /// The sample's number in the dataset.
    package var sample: UInt32
    /// Which of the sample's passages it is.
    package var ordinal: UInt32
    /// Its segment, and its number there.
    package var segment: Int
    package var passage: Int

    package init(
      score: UInt32, collection: Int, sample: UInt32, ordinal: UInt32, segment: Int, passage: Int
    ) {
      self.score = score
      self.collection = collection
      self.sample = sample
      self.ordinal = ordinal
      self.segment = segment
      self.passage = passage
    }

    /// Whether it stands before another: by score, then by place in the data.
    @inline(__always)
    func precedes(_ other: Entry) -> Bool {
      if score != other.score { return score > other.score }
      if collection != other.collection { return collection < other.collection }
      if sample != other.sample { return sample < other.sample }
      return ordinal < other.ordinal
    }
  }

  /// The best, best first.
  package private(set) var entries: [Entry] = []
  private let limit: Int
  private let perDocument: Int

  /// - Parameter limit: at least 1.
  /// - Parameter perDocument: 0 for any number.
  package init(limit: Int, perDocument: Int = 0) {
    self.limit = max(1, limit)
    self.perDocument = perDocument
    entries.reserveCapacity(min(self.limit, 1024) + 1)
  }

  /// What a score must be at least to have a chance.
  @inline(__always)
  package var threshold: UInt32 { entries.count < limit ? 0 : entries[entries.count - 1].score }

  /// Takes a passage where it is among the best.
  package mutating func offer(_ entry: Entry) {
    if entries.count == limit, !entry.precedes(entries[limit - 1]) { return }
    if perDocument > 0 {
      // What a document's own better passages push out can be let go: they only ever get better.
      var same = 0
      var worst = 0
      for index in entries.indices
      where entries[index].sample == entry.sample && entries[index].collection == entry.collection {
        same += 1
        worst = index
      }
      if same >= perDocument {
        guard entry.precedes(entries[worst]) else { return }
        entries.remove(at: worst)
      }
    }
    var (low, high) = (0, entries.count)
    while low < high {
      let middle = (low + high) / 2
      if entries[middle].precedes(entry) { low = middle + 1 } else { high = middle }
    }
    entries.insert(entry, at: low)
    if entries.count > limit { entries.removeLast() }
  }
}
