/// A pattern of paths, as of a shell: `*` and `?` within a name, `[a-z]`, `[!a-z]`, `\` before a
/// character that shall mean itself, `**/` for any folders, also none, `**` for anything.
///
/// It fits a whole path, or the last name of one alone.
struct PathPattern {
  private enum Step {
    case scalar(Unicode.Scalar)
    case anyScalar
    case set([ClosedRange<Unicode.Scalar>], isInverted: Bool)
    /// Any scalars but `/`.
    case name
    /// Any scalars.
    case anything
    /// Nothing, or scalars that end with `/`.
    case folders
  }

  private let steps: [Step]

  /// Whether a shell would look for files that `text` fits, and not for a file of that name.
  static func isPattern(_ text: String) -> Bool { text.utf8.contains { "*?[".utf8.contains($0) } }

  /// A slash at either end means nothing.
  init(_ text: String) {
    let slash: Unicode.Scalar = "/"
    var rest = text.unicodeScalars[...].drop { $0 == slash }
    while rest.last == slash { rest.removeLast() }
    var steps: [Step] = []
    while let next = rest.popFirst() {
      switch next {
      case "*":
        guard rest.first == "*" else {
          steps.append(.name)
          continue
        }
        rest = rest.drop { $0 == "*" }
        if rest.first == slash {
          rest.removeFirst()
          steps.append(.folders)
        } else {
          steps.append(.anything)
        }
      case "?": steps.append(.anyScalar)
      case "[": steps.append(Self.set(&rest) ?? .scalar(next))
      case "\\": steps.append(.scalar(rest.popFirst() ?? next))
      default: steps.append(.scalar(next))
      }
    }
    self.steps = steps
  }

  /// Takes a set and its closing bracket; `nil`, and nothing taken, where there is none.
  private static func set(_ rest: inout Substring.UnicodeScalarView) -> Step? {
    var inside = rest
    var isInverted = false
    if let first = inside.first, first == "!" || first == "^" {
      isInverted = true
      inside.removeFirst()
    }
    var ranges: [ClosedRange<Unicode.Scalar>] = []
    while let lower = inside.popFirst() {
      if lower == "]", !ranges.isEmpty {
        rest = inside
        return .set(ranges, isInverted: isInverted)
      }
      var upper = lower
      if inside.first == "-", let end = inside.dropFirst().first, end != "]" {
        upper = end
        inside = inside.dropFirst(2)
      }
      ranges.append(lower...max(lower, upper))
    }
    return nil
  }

  /// Whether the pattern fits the path or its last name.
  ///
  /// - Complexity: the path's length times the pattern's, whatever they are.
  func fits(_ path: String) -> Bool {
    if fitsWhole(path) { return true }
    guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return false }
    return fitsWhole(String(path[path.utf8.index(after: slash)...]))
  }

  /// Whether the pattern fits the path as a whole.
  func fitsWhole(_ path: String) -> Bool {
    // The steps that may come next, all at once.
    var current = Set<Int>()
    enter(0, &current)
    for scalar in path.unicodeScalars {
      var next = Set<Int>()
      for index in current where index < steps.count {
        switch steps[index] {
        case .scalar(let wanted): if scalar == wanted { enter(index + 1, &next) }
        case .anyScalar: if scalar != "/" { enter(index + 1, &next) }
        case .set(let ranges, let isInverted):
          if scalar != "/", ranges.contains(where: { $0.contains(scalar) }) != isInverted {
            enter(index + 1, &next)
          }
        case .name: if scalar != "/" { enter(index, &next) }
        case .anything: enter(index, &next)
        case .folders:
          next.insert(index)
          if scalar == "/" { enter(index + 1, &next) }
        }
      }
      if next.isEmpty { return false }
      current = next
    }
    return current.contains(steps.count)
  }

  /// Adds a step, and those behind it that may be reached with nothing.
  private func enter(_ index: Int, _ steps: inout Set<Int>) {
    var index = index
    while steps.insert(index).inserted, index < self.steps.count {
      switch self.steps[index] {
      case .name, .anything, .folders: index += 1
      default: return
      }
    }
  }
}
