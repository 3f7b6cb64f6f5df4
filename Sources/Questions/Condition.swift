/// A condition on one member of a document's metadata.
public struct Condition: Hashable, Sendable, CustomStringConvertible {
  /// How a value is compared.
  public enum Comparison: String, Hashable, Sendable, CaseIterable {
    /// Equal; where the value of the condition has `*` or `?`, it is a pattern.
    case equal = "="
    case notEqual = "!="
    case less = "<"
    case lessOrEqual = "<="
    case greater = ">"
    case greaterOrEqual = ">="
  }

  /// The member's name.
  public var field: String
  /// How it is compared.
  public var comparison: Comparison
  /// With what.
  public var value: String

  /// A condition.
  public init(field: String, comparison: Comparison, value: String) {
    self.field = field
    self.comparison = comparison
    self.value = value
  }

  /// As it is written: `path=Documentation/*`.
  public var description: String { field + comparison.rawValue + value }
}
