/// One part of a chart: a title, axes and what is drawn between them.
public struct Panel: Hashable, Sendable {
  /// What a panel shows.
  public enum Content: Hashable, Sendable {
    /// A bar a bin.
    case histogram(Histogram)
    /// Lines through points, with a legend where there are several.
    case lines([Line])
    /// A horizontal bar an entry, with its label at the left and its number at the right. The y
    /// axis's label is not drawn. What does not fit is summed up in the last bar.
    case bars([Bar])
  }

  /// A point of a line.
  public struct Point: Hashable, Sendable {
    /// Along the x axis.
    public var x: Double
    /// Along the y axis.
    public var y: Double

    /// A point.
    public init(_ x: Double, _ y: Double) {
      self.x = x
      self.y = y
    }
  }

  /// A named line. It breaks at points that have no place on the axes.
  public struct Line: Hashable, Sendable {
    /// What the legend calls it.
    public var name: String
    /// In the order they are joined.
    public var points: [Point]

    /// A line.
    public init(_ name: String, _ points: [Point]) {
      self.name = name
      self.points = points
    }
  }

  /// A named number.
  public struct Bar: Hashable, Sendable {
    /// What it is.
    public var label: String
    /// How much; below zero, or no number, draws nothing.
    public var value: Double

    /// A bar.
    public init(_ label: String, _ value: Double) {
      self.label = label
      self.value = value
    }
  }

  /// One line above the panel; empty for none.
  public var title: String
  /// The axis from left to right.
  public var x: Axis
  /// The axis from bottom to top.
  public var y: Axis
  /// What is drawn.
  public var content: Content

  /// A panel.
  public init(_ title: String, x: Axis = Axis(""), y: Axis = Axis(""), _ content: Content) {
    self.title = title
    self.x = x
    self.y = y
    self.content = content
  }

  /// What a chart without panels shows.
  static let empty = Panel("", .lines([]))
}
