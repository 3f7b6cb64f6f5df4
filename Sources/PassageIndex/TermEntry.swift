/// A term of a segment, as its dictionary has it.
package struct TermEntry: Hashable, Sendable {
  /// Its rank among the segment's terms.
  package var ordinal: Int
  /// Passages in which it stands.
  package var passages: Int
  /// How often it stands in all of them.
  package var occurrences: Int
  /// Where its postings are in the file `postings`.
  var postings: Range<Int>
  /// Where its positions are in the file `positions`.
  var positions: Range<Int>
}
