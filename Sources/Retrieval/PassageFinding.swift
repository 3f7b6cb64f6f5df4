/// Finds passages that hold a phrase: what an explanation of a memory asks of an index.
public protocol PassageFinding {
  /// The first passages, in the dataset's order, in which the words of `phrase` stand next to each
  /// other, at most `limit`, and in how many passages they do.
  func passages(
    containing phrase: String, limit: Int
  ) throws -> (found: [Passage], count: Int)
}
