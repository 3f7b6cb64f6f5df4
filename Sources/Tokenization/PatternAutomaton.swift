/// A pattern as a table: one look-up a scalar, no backtracking, the same matches as a
/// backtracking engine (leftmost, and of several the one that the pattern prefers).
///
/// A state is the ordered list of steps that are alive before the next scalar. Steps behind a
/// match are cut off: the match is preferred to them. Whether a state holds a match can depend
/// on the scalar after it (`(?!\S)`), so matches are marked on transitions: bit 0 of an entry
/// says that a match ends before the scalar that the transition consumes.
///
/// Built ahead of time and immutable; patterns that would need many states are left to PCRE2.
final class PatternAutomaton: Sendable {
  private static let stateLimit = 1500
  private static let scalarCount = 0x110000

  // Tables are written once in `init` and only read after: safe from every thread. They are
  // memory of our own because arrays would be retained and released for every pre-token, by all
  // threads at once.

  /// Class of each scalar; all scalars of a class are in the same sets.
  nonisolated(unsafe) let classes: UnsafePointer<UInt8>
  /// Entries of a state: one a class, and one for the end of the text, which is the last.
  let stride: Int
  /// [state * stride + class]: (next state * stride) << 1 | match before. State 0 is dead, state 1
  /// is the start.
  nonisolated(unsafe) let transitions: UnsafePointer<UInt32>
  /// Whether no match begins with a scalar that begins with this byte. Bytes that continue a
  /// scalar begin nothing.
  nonisolated(unsafe) let isSkipped: UnsafePointer<Bool>

  init?(_ pattern: Pattern) {
    guard let program = PatternProgram(pattern),
      let (classes, masks) = Self.classify(program.sets),
      let transitions = Self.determinize(program, masks)
    else { return nil }
    stride = masks.count + 1
    self.classes = Self.copy(classes)
    self.transitions = Self.copy(transitions)
    isSkipped = Self.copy(Self.skipped(classes, transitions, stride: stride))
  }

  deinit {
    classes.deallocate()
    transitions.deallocate()
    isSkipped.deallocate()
  }

  private static func copy<Element: BitwiseCopyable>(
    _ array: [Element]
  ) -> UnsafePointer<Element> {
    let copy = UnsafeMutableBufferPointer<Element>.allocate(capacity: max(1, array.count))
    _ = copy.initialize(from: array)
    return UnsafePointer(copy.baseAddress!)
  }

  private static func skipped(
    _ classes: [UInt8], _ transitions: [UInt32], stride: Int
  ) -> [Bool] {
    var result = [Bool](repeating: true, count: 256)
    // A match of the empty text can begin anywhere; state 1 shows it on every entry.
    let isDead = (0..<stride).map { transitions[stride + $0] == 0 }
    func begins(_ scalars: Range<Int>) -> Bool {
      classes[scalars].contains { !isDead[Int($0)] }
    }
    for byte in 0..<0x80 { result[byte] = !begins(byte..<byte + 1) }
    for byte in 0xC2..<0xE0 {
      result[byte] = !begins((byte & 0x1F) << 6..<((byte & 0x1F) + 1) << 6)
    }
    for byte in 0xE0..<0xF0 {
      result[byte] = !begins((byte & 0xF) << 12..<((byte & 0xF) + 1) << 12)
    }
    for byte in 0xF0..<0xF5 {
      result[byte] = !begins((byte & 7) << 18..<min(((byte & 7) + 1) << 18, scalarCount))
    }
    return result
  }

  private static func classify(_ sets: [ScalarRanges]) -> ([UInt8], [UInt64])? {
    var events: [(scalar: Int, bit: UInt64)] = []
    for (index, set) in sets.enumerated() {
      for range in set.ranges {
        events.append((Int(range.lowerBound), 1 << UInt64(index)))
        events.append((Int(range.upperBound) + 1, 1 << UInt64(index)))
      }
    }
    events.sort { $0.scalar < $1.scalar }
    var classes = [UInt8](repeating: 0, count: scalarCount)
    var masks: [UInt64] = []
    var classOfMask: [UInt64: UInt8] = [:]
    var mask: UInt64 = 0
    var start = 0
    func close(at end: Int) -> Bool {
      guard start < end else { return true }
      if classOfMask[mask] == nil {
        guard masks.count < 250 else { return false }
        classOfMask[mask] = UInt8(masks.count)
        masks.append(mask)
      }
      let own = classOfMask[mask] ?? 0
      classes.withUnsafeMutableBufferPointer { $0[start..<end].update(repeating: own) }
      start = end
      return true
    }
    for event in events {
      guard close(at: min(event.scalar, scalarCount)) else { return nil }
      mask ^= event.bit
    }
    guard close(at: scalarCount) else { return nil }
    return (classes, masks)
  }

  private static func determinize(_ program: PatternProgram, _ masks: [UInt64]) -> [UInt32]? {
    let stride = masks.count + 1
    var transitions = [UInt32](repeating: 0, count: 2 * stride)
    var states: [[Int]: Int] = [[]: 0, [program.start]: 1]
    var pending = [[program.start]]
    var done = 0
    var walker = Walker(program)
    while done < pending.count {
      let state = pending[done]
      done += 1
      for column in 0..<stride {
        let (targets, matches) = walker.advance(
          state, over: column < masks.count ? masks[column] : nil)
        var target = states[targets]
        if target == nil {
          guard states.count < stateLimit else { return nil }
          target = states.count
          states[targets] = target
          pending.append(targets)
          transitions.append(contentsOf: repeatElement(0, count: stride))
        }
        // `pending` holds states 1, 2, ... in order.
        transitions[done * stride + column] =
          UInt32((target ?? 0) * stride) << 1 | (matches ? 1 : 0)
      }
    }
    return transitions
  }

  /// Follows the steps of a state over one scalar.
  private struct Walker {
    private let program: PatternProgram
    private var seen: [Int]
    private var round = 0

    init(_ program: PatternProgram) {
      self.program = program
      seen = [Int](repeating: 0, count: program.steps.count)
    }

    /// - Parameter mask: the sets that the next scalar is in; `nil` at the end of the text.
    mutating func advance(
      _ state: [Int], over mask: UInt64?
    ) -> (targets: [Int], matches: Bool) {
      round += 1
      var targets: [Int] = []
      var isTarget: Set<Int> = []
      var stack = Array(state.reversed())
      while let index = stack.popLast() {
        guard seen[index] != round else { continue }
        seen[index] = round
        switch program.steps[index] {
        case .match:
          return (targets, true)
        case .choose(let first, let second):
          stack.append(second)
          stack.append(first)
        case .peek(let set, let negative, let next):
          let isMember = mask.map { $0 >> UInt64(set) & 1 == 1 } ?? false
          if isMember != negative { stack.append(next) }
        case .consume(let set, let next):
          if let mask, mask >> UInt64(set) & 1 == 1, isTarget.insert(next).inserted {
            targets.append(next)
          }
        }
      }
      return (targets, false)
    }
  }
}
