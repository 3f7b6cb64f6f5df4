import Questions

/// A condition made ready to be asked of many values.
///
/// Equality: a number equals a condition that is a number of the same value; everything else is
/// compared as text, byte by byte, where `*` and `?` in the condition are those of `Glob`. Ranges:
/// where condition and value are both numbers, or texts of numbers, by value; strings otherwise by
/// bytes (so that dates as ISO 8601 writes them are in order); a number that meets a text that is no
/// number, and a boolean, are in no range.
struct ValueTest {
  let comparison: Condition.Comparison
  let glob: Glob
  let number: MetadataValue?
  /// The condition's value.
  let text: [UInt8]

  init(_ condition: Condition) {
    comparison = condition.comparison
    glob = Glob(condition.value)
    number = NumberText.value(condition.value)
    text = Array(condition.value.utf8)
  }

  /// Whether it asks for equality, or the opposite.
  var isEquality: Bool { comparison == .equal || comparison == .notEqual }

  /// Whether a boolean or a number meets it; for `!=`: whether it is equal.
  func holds(for value: MetadataValue) -> Bool {
    if isEquality {
      if let number, Self.order(value, number) == 0 { return true }
      return glob.matches(value.text)
    }
    guard let number, let order = Self.order(value, number) else { return false }
    return holds(order: order)
  }

  /// Whether a string meets it; for `!=`: whether it is equal.
  func holds(for string: UnsafeBufferPointer<UInt8>) -> Bool {
    if isEquality { return glob.matches(string.span) }
    if let number, let first = string.first, NumberText.mayBegin(first),
      let value = NumberText.value(String(decoding: string, as: UTF8.self)),
      let order = Self.order(value, number)
    {
      return holds(order: order)
    }
    let order =
      string.lexicographicallyPrecedes(text) ? -1 : text.lexicographicallyPrecedes(string) ? 1 : 0
    return holds(order: order)
  }

  private func holds(order: Int) -> Bool {
    switch comparison {
    case .equal, .notEqual: order == 0
    case .less: order < 0
    case .lessOrEqual: order <= 0
    case .greater: order > 0
    case .greaterOrEqual: order >= 0
    }
  }

  /// -1, 0 or 1 as the left number is less than, equal to or greater than the right; `nil` where one
  /// is no number. Integers compare exactly; an integer and another number as doubles, which are
  /// equal only where the integer is past 2^53.
  private static func order(_ left: MetadataValue, _ right: MetadataValue) -> Int? {
    func sign<Number: Comparable>(_ left: Number, _ right: Number) -> Int? {
      left < right ? -1 : left > right ? 1 : left == right ? 0 : nil
    }
    return switch (left, right) {
    case (.integer(let left), .integer(let right)): sign(left, right)
    case (.integer(let left), .double(let right)): sign(Double(left), right)
    case (.double(let left), .integer(let right)): sign(left, Double(right))
    case (.double(let left), .double(let right)): sign(left, right)
    default: nil
    }
  }
}
