/// One step of cutting text into pre-tokens. Every step cuts the pieces of the step before it.
enum PreTokenizer: Sendable {
  /// Cuts at the matches of a pattern.
  case split(PatternMatcher, SplitBehavior, inverted: Bool)
  /// Puts a space in front of every piece that does not begin with one.
  case prefixSpace
}

/// What becomes of a match and the text around it (Hugging Face `tokenizers`' names).
enum SplitBehavior: String, Sendable {
  case isolated = "Isolated"
  case removed = "Removed"
  case mergedWithPrevious = "MergedWithPrevious"
  case mergedWithNext = "MergedWithNext"
  case contiguous = "Contiguous"
}
