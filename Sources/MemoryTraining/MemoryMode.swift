/// What an evaluation does with the memory.
public enum MemoryMode: String, Sendable, Hashable, Codable, CaseIterable {
  /// Every token reads its rows.
  case on
  /// All gates are zero: the host alone.
  case off
  /// Every token reads other rows: row ids go through a permutation. A memory whose gain survives
  /// this has learned nothing about its N-grams.
  case shuffled
}
