/// How numbers lie along an axis.
public enum AxisScale: Hashable, Sendable {
  /// Equal steps are equal distances.
  case linear
  /// Equal ratios are equal distances; numbers that are not positive have no place.
  case logarithmic
}

/// A label and a scale.
public struct Axis: Hashable, Sendable {
  /// What is measured, with its unit.
  public var label: String
  /// Linear or logarithmic. A histogram's own bins decide for its x axis.
  public var scale: AxisScale

  /// An axis.
  public init(_ label: String, scale: AxisScale = .linear) {
    self.label = label
    self.scale = scale
  }
}
