import Foundation

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

  /// The first match that begins at or after `start` in a text of `count` bytes of UTF-8.
  ///
  /// - Throws: `TokenizationError.matchFailed` where the budget is used up: a hostile pattern may look
  ///   at all of the text again from every place of it.
  @inline(__always)
  func firstMatch(
    _ base: UnsafePointer<UInt8>, count: Int, from start: Int, _ scratch: PerlMatcher.Scratch,
    _ budget: inout PatternBudget
  ) throws(TokenizationError) -> Range<Int>? {
    if let automaton {
      let match = automaton.firstMatch(base, count: count, from: start, work: &budget.work)
      if budget.work < 0 { throw budget.exceeded(perl.source) }
      return match
    }
    try budget.count(perl.source, at: start)
    return try perl.firstMatch(base, count: count, from: start, scratch)
  }
}

/// What a pattern may do to a text: patterns in use look at each character a few times.
struct PatternBudget {
  /// Bytes that the automaton may still look at in vain.
  fileprivate(set) var work: Int
  /// Matches that were asked of the general engine, and when it was asked first.
  private var matches = 0
  private var began = 0

  /// The budget of a text.
  init(bytes: Int) { work = 256 * bytes + (1 << 26) }

  /// Counts a match of the general engine, which cannot say what it looked at: now and then its time on
  /// the processor is compared with what was passed.
  fileprivate mutating func count(_ pattern: String, at position: Int) throws(TokenizationError) {
    matches += 1
    guard matches & 63 == 0 else { return }
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    let now = Int(time.tv_sec) * 1_000_000_000 + Int(time.tv_nsec)
    if began == 0 { began = now }
    // Two seconds, and twenty times what a slow pattern takes.
    if now - began > 2_000_000_000 + 4000 * position { throw exceeded(pattern) }
  }

  fileprivate func exceeded(_ pattern: String) -> TokenizationError {
    .matchFailed(pattern: pattern, reason: "it looks at the text again and again")
  }
}

/// Walks through the pieces of a text that a pattern cuts: matches and what lies between them.
struct PatternPieces {
  private let base: UnsafePointer<UInt8>
  private let count: Int
  /// Start of the next piece.
  private var done = 0
  /// Where the search for the next match goes on.
  private var from = 0
  private var lastEnd = -1
  private var budget: PatternBudget
  /// A match that was found, and waits for the text before it to be handed out.
  private var pending: Range<Int>?

  init(_ base: UnsafePointer<UInt8>, count: Int) {
    self.base = base
    self.count = count
    budget = PatternBudget(bytes: count)
  }

  /// The next piece, in order; empty matches are pieces too.
  @inline(__always)
  mutating func next(
    _ matcher: PatternMatcher, _ scratch: PerlMatcher.Scratch
  ) throws(TokenizationError) -> (piece: Range<Int>, isMatch: Bool)? {
    if let match = pending {
      pending = nil
      done = match.upperBound
      return (match, true)
    }
    while from <= count {
      guard
        let match = try matcher.firstMatch(
          base, count: count, from: from, scratch, &budget)
      else {
        from = count + 1
        break
      }
      if match.isEmpty && match.upperBound == lastEnd {
        // An empty match right after a match does not count: look one scalar further.
        from += from < count ? UTF8Text.scalar(base, from).length : 1
        continue
      }
      from = match.upperBound
      lastEnd = match.upperBound
      let start = done
      done = match.upperBound
      if start == match.lowerBound { return (match, true) }
      pending = match
      done = match.lowerBound
      return (start..<match.lowerBound, false)
    }
    guard done < count else { return nil }
    let rest = done..<count
    done = count
    return (rest, false)
  }
}

/// Walks through the pieces that a behaviour makes of a pattern's pieces; none is empty.
struct SplitPieces {
  private var pieces: PatternPieces
  private let behavior: SplitBehavior
  private let isInverted: Bool
  /// The last piece seen, which the next may still join.
  private var held: Range<Int>?
  private var lastIsMatch = false

  init(
    _ base: UnsafePointer<UInt8>, count: Int, _ behavior: SplitBehavior, inverted: Bool
  ) {
    pieces = PatternPieces(base, count: count)
    self.behavior = behavior
    isInverted = inverted
  }

  @inline(__always)
  mutating func next(
    _ matcher: PatternMatcher, _ scratch: PerlMatcher.Scratch
  ) throws(TokenizationError) -> Range<Int>? {
    while let (piece, found) = try pieces.next(matcher, scratch) {
      let isMatch = found != isInverted
      switch behavior {
      case .isolated:
        if !piece.isEmpty { return piece }
      case .removed:
        if !isMatch && !piece.isEmpty { return piece }
      case .contiguous, .mergedWithPrevious, .mergedWithNext:
        if let finished = join(piece, isMatch: isMatch) { return finished }
      }
    }
    defer { held = nil }
    return held.flatMap { $0.isEmpty ? nil : $0 }
  }

  /// Joins a piece to the one before it or puts it in its place, which is returned then.
  private mutating func join(_ piece: Range<Int>, isMatch: Bool) -> Range<Int>? {
    let joins =
      switch behavior {
      case .mergedWithPrevious: isMatch && !lastIsMatch
      case .mergedWithNext: !isMatch && lastIsMatch
      default: isMatch == lastIsMatch
      }
    lastIsMatch = isMatch
    if joins, let open = held {
      held = open.lowerBound..<piece.upperBound
      return nil
    }
    defer { held = piece }
    return held.flatMap { $0.isEmpty ? nil : $0 }
  }
}
