import Questions

/// A document's metadata as a plain list, and conditions as they are written: what columns are
/// compared with.
struct PlainMetadata {
  enum Scalar {
    case bool(Bool)
    case number(Double)
    case string(String)

    var json: String {
      switch self {
      case .bool(let value): "\(value)"
      case .number(let value): "\(value)"
      case .string(let value): "\"\(value)\""
      }
    }

    var text: String {
      switch self {
      case .bool(let value): "\(value)"
      case .number(let value): value == value.rounded() ? "\(Int(value))" : "\(value)"
      case .string(let value): value
      }
    }
  }

  var members: [(name: String, values: [Scalar])]

  /// The object, with names of dots as objects within it.
  var json: String {
    let members = members.map { member in
      let value =
        member.values.count == 1
        ? member.values[0].json : "[\(member.values.map(\.json).joined(separator: ",")), null]"
      let names = member.name.split(separator: ".")
      return names.reversed().reduce(value) { "{\"\($1)\":\($0)}" }.dropFirst().dropLast()
    }
    return "{\(members.joined(separator: ", "))}"
  }

  func values(_ field: String) -> [Scalar] { members.filter { $0.name == field }.flatMap(\.values) }

  func meets(_ condition: Condition) -> Bool {
    let values = values(condition.field)
    if condition.comparison == .notEqual {
      return !values.contains { isEqual($0, condition.value) }
    }
    return values.contains { value in
      condition.comparison == .equal
        ? isEqual(value, condition.value) : isInRange(value, condition)
    }
  }

  private func isEqual(_ value: Scalar, _ text: String) -> Bool {
    if case .number(let value) = value, let number = Double(text) { return value == number }
    return fits(Substring(value.text), Substring(text))
  }

  private func isInRange(_ value: Scalar, _ condition: Condition) -> Bool {
    let text = condition.value
    switch value {
    case .bool: return false
    case .number(let value):
      return Double(text).map { isInRange(value, $0, condition.comparison) } ?? false
    case .string(let value):
      if let number = Double(text), let value = Double(value) {
        return isInRange(value, number, condition.comparison)
      }
      // ASCII only here: the order of Swift's strings is that of bytes.
      return isInRange(value, text, condition.comparison)
    }
  }

  private func isInRange<T: Comparable>(
    _ left: T, _ right: T, _ comparison: Condition.Comparison
  )
    -> Bool
  {
    switch comparison {
    case .less: left < right
    case .lessOrEqual: left <= right
    case .greater: left > right
    default: left >= right
    }
  }

  private func fits(_ text: Substring, _ pattern: Substring) -> Bool {
    guard let first = pattern.first else { return text.isEmpty }
    let rest = pattern.dropFirst()
    if first == "*" {
      return fits(text, rest) || (!text.isEmpty && fits(text.dropFirst(), pattern))
    }
    return !text.isEmpty && (first == "?" || first == text.first) && fits(text.dropFirst(), rest)
  }
}
