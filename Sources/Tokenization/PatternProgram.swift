/// A pattern as a list of steps that a set of threads could walk (Thompson's construction), each
/// choice in order of preference.
struct PatternProgram {
  enum Step {
    /// Consumes one scalar of the set.
    case consume(set: Int, next: Int)
    /// Tries `first`, then `second`.
    case choose(first: Int, second: Int)
    /// Goes on where the next scalar is (or, if `negative`, is not) in the set; at the end of the
    /// text there is no next scalar.
    case peek(set: Int, negative: Bool, next: Int)
    case match
  }

  private static let stepLimit = 4000
  /// Classes of scalars are told apart by 64-bit masks over the sets.
  private static let setLimit = 64

  private(set) var steps: [Step] = [.match]
  private(set) var sets: [ScalarRanges] = []
  private(set) var start = 0

  /// - Returns: `nil` where the pattern holds something that only the general engine can do.
  init?(_ pattern: Pattern) {
    guard let start = add(pattern, next: 0, caseless: false) else { return nil }
    self.start = start
  }

  private mutating func append(_ step: Step) -> Int? {
    guard steps.count < Self.stepLimit else { return nil }
    steps.append(step)
    return steps.count - 1
  }

  private mutating func index(of set: ScalarClass, caseless: Bool) -> Int? {
    guard let ranges = ScalarRanges(set, caseless: caseless) else { return nil }
    if let index = sets.firstIndex(of: ranges) { return index }
    guard sets.count < Self.setLimit else { return nil }
    sets.append(ranges)
    return sets.count - 1
  }

  /// Adds the steps of `pattern` in front of the step `next`, and returns the first of them.
  private mutating func add(_ pattern: Pattern, next: Int, caseless: Bool) -> Int? {
    switch pattern {
    case .set(let set):
      guard let set = index(of: set, caseless: caseless) else { return nil }
      return append(.consume(set: set, next: next))
    case .sequence(let parts):
      var next = next
      for part in parts.reversed() {
        guard let first = add(part, next: next, caseless: caseless) else { return nil }
        next = first
      }
      return next
    case .alternatives(let parts):
      guard var first = add(parts[parts.count - 1], next: next, caseless: caseless) else {
        return nil
      }
      for part in parts.dropLast().reversed() {
        guard let own = add(part, next: next, caseless: caseless),
          let choice = append(.choose(first: own, second: first))
        else { return nil }
        first = choice
      }
      return first
    case .caseless(let part):
      return add(part, next: next, caseless: true)
    case .repeated(let part, let min, let max, let repetition):
      guard repetition != .possessive else { return nil }
      return add(
        part, min: min, max: max, greedy: repetition == .greedy, next: next, caseless: caseless)
    case .look(.set(let set), ahead: true, let negative):
      guard let set = index(of: set, caseless: caseless) else { return nil }
      return append(.peek(set: set, negative: negative, next: next))
    case .look, .atomic, .lineStart:
      return nil
    }
  }

  private mutating func add(
    _ part: Pattern, min: Int, max: Int?, greedy: Bool, next: Int, caseless: Bool
  ) -> Int? {
    // Engines differ about empty rounds of a loop.
    guard !part.matchesEmpty else { return nil }
    var first = next
    if let max {
      for _ in min..<max {
        guard let own = add(part, next: first, caseless: caseless),
          let choice = append(
            greedy
              ? .choose(first: own, second: next) : .choose(first: next, second: own))
        else { return nil }
        first = choice
      }
    } else {
      guard let choice = append(.match), let own = add(part, next: choice, caseless: caseless)
      else { return nil }
      steps[choice] =
        greedy ? .choose(first: own, second: next) : .choose(first: next, second: own)
      first = choice
    }
    for _ in 0..<min {
      guard let own = add(part, next: first, caseless: caseless) else { return nil }
      first = own
    }
    return first
  }
}

extension Pattern {
  /// Whether the empty text can match.
  fileprivate var matchesEmpty: Bool {
    switch self {
    case .set: false
    case .sequence(let parts): parts.allSatisfy(\.matchesEmpty)
    case .alternatives(let parts): parts.contains(where: \.matchesEmpty)
    case .repeated(let part, let min, _, _): min == 0 || part.matchesEmpty
    case .look, .lineStart: true
    case .atomic(let part), .caseless(let part): part.matchesEmpty
    }
  }
}
