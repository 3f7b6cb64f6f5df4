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

/// A pattern with the engine that runs it.
struct PatternMatcher: Sendable {
  let perl: PerlMatcher
  /// `nil` where the pattern needs the general engine, or a test asks for it.
  let automaton: PatternAutomaton?

  init(_ source: String, automaton: Bool = true) throws(TokenizationError) {
    let pattern = try PatternParser.parse(source)
    perl = try PerlMatcher(pattern, source: source)
    self.automaton = automaton ? PatternAutomaton(pattern) : nil
  }

  /// A pattern that matches `text` itself.
  static func escaped(_ text: String) -> String {
    text.unicodeScalars.map { "\\x{\(String($0.value, radix: 16))}" }.joined()
  }

  /// Calls `body` with the pieces of a text of `count` bytes, in order, matches and what lies
  /// between them; empty matches are pieces too.
  @inline(__always)
  func forEachPiece(
    _ base: UnsafePointer<UInt8>, count: Int, _ scratch: PerlMatcher.Scratch,
    _ body: (Range<Int>, _ isMatch: Bool) throws(TokenizationError) -> Void
  ) throws(TokenizationError) {
    var done = 0
    var from = 0
    var lastEnd = -1
    while from <= count {
      let found =
        if let automaton {
          automaton.firstMatch(base, count: count, from: from)
        } else {
          try perl.firstMatch(base, count: count, from: from, scratch)
        }
      guard let match = found else { break }
      if match.isEmpty && match.upperBound == lastEnd {
        // An empty match right after a match does not count: look one scalar further.
        from += from < count ? UTF8Text.scalar(base, from).length : 1
        continue
      }
      from = match.upperBound
      lastEnd = match.upperBound
      if done < match.lowerBound { try body(done..<match.lowerBound, false) }
      try body(match, true)
      done = match.upperBound
    }
    if done < count { try body(done..<count, false) }
  }

  /// Calls `body` with the pieces that a behaviour makes of the matches; never with an empty one.
  @inline(__always)
  func split(
    _ base: UnsafePointer<UInt8>, count: Int, _ behavior: SplitBehavior, inverted: Bool,
    _ scratch: PerlMatcher.Scratch,
    _ body: (Range<Int>) throws(TokenizationError) -> Void
  ) throws(TokenizationError) {
    var held: Range<Int>?
    var lastIsMatch = false
    try forEachPiece(base, count: count, scratch) { piece, found throws(TokenizationError) in
      let isMatch = found != inverted
      // Whether this piece belongs to the one before it, and whether it could take the next.
      let joins: Bool
      switch behavior {
      case .isolated:
        if !piece.isEmpty { try body(piece) }
        return
      case .removed:
        if !isMatch && !piece.isEmpty { try body(piece) }
        return
      case .contiguous: joins = isMatch == lastIsMatch
      case .mergedWithPrevious: joins = isMatch && !lastIsMatch
      case .mergedWithNext: joins = !isMatch && lastIsMatch
      }
      lastIsMatch = isMatch
      if joins, let open = held {
        held = open.lowerBound..<piece.upperBound
      } else {
        if let open = held, !open.isEmpty { try body(open) }
        held = piece
      }
    }
    if let open = held, !open.isEmpty { try body(open) }
  }
}
