import Bitsets

extension Segment {
  /// The passages in which some terms stand next to each other, in order; for one term, those that
  /// hold it.
  package func passages(holding terms: [[UInt8]]) throws -> Bitset {
    try PhraseMatcher(self).passages(holding: terms)
  }

  /// How often a term stands in a passage; `nil` where it does not.
  package func frequency(of entry: TermEntry, inPassage passage: Int) throws -> Int? {
    let cursor = PostingCursor(try postings(of: entry))
    guard let posting = try cursor.seek(UInt32(passage)), posting.passage == passage else {
      return nil
    }
    return Int(posting.frequency)
  }
}
