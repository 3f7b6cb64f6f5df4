import Files

/// A picture of one or several panels under a title, written as PNG or SVG.
///
///     let lengths = Histogram(values, bins: .logarithmic(perDecade: 10))
///     let panel = Panel("Document length", x: Axis("bytes"), y: Axis("documents"),
///                       .histogram(lengths))
///     try Chart("linux-doc, version 2", panels: [panel]).write(to: "lengths.png")
///
/// The same chart gives the same bytes of PNG on every run.
public struct Chart: Hashable, Sendable {
  /// One line above all panels; empty for none.
  public var title: String
  /// What is drawn, row by row.
  public var panels: [Panel]
  /// Panels beside each other; at least 1.
  public var columns: Int
  /// Size of one panel in points; a PNG has two pixels a point.
  public var panelSize: Size

  /// A width and a height in points.
  public struct Size: Hashable, Sendable {
    /// Points from left to right.
    public var width: Double
    /// Points from top to bottom.
    public var height: Double

    /// A size.
    public init(width: Double, height: Double) {
      self.width = width
      self.height = height
    }
  }

  /// A chart.
  ///
  /// - Parameter columns: panels beside each other; `nil` for one, or two where there are more
  ///   than two panels.
  /// - Parameter panelSize: clamped to 200...4,000 points each way.
  public init(
    _ title: String, panels: [Panel], columns: Int? = nil,
    panelSize: Size = Size(width: 640, height: 360)
  ) {
    self.title = title
    self.panels = panels
    self.columns = max(1, columns ?? (panels.count > 2 ? 2 : 1))
    self.panelSize = panelSize
  }

  /// Draws the chart into a file, PNG or SVG by the path's extension. After a crash at any moment
  /// the file has its old content or all of the new.
  ///
  /// - Throws: `PlotError`; an old file is untouched then.
  public func write(to path: String) throws(PlotError) {
    guard let format = PictureFormat(path: path) else { throw .unknownFormat(path: path) }
    let bytes = try render(as: format, path: path)
    do throws(FileError) {
      try bytes.withUnsafeBufferPointer { buffer throws(FileError) in
        try DurableFile.write(UnsafeRawBufferPointer(buffer), to: path)
      }
    } catch {
      throw .file(error)
    }
  }

  /// The picture's bytes; `path` is for the error's text only.
  func render(as format: PictureFormat, path: String) throws(PlotError) -> [UInt8] {
    let size = panelSize.clamped
    let shown = panels.isEmpty ? [Panel.empty] : panels
    let across = min(columns, shown.count)
    let rows = (shown.count + across - 1) / across
    let header = title.isEmpty ? 8.0 : 40.0
    let canvas = Canvas(
      width: Double(across) * size.width, height: header + Double(rows) * size.height + 8,
      format: format)
    canvas.fill(canvas.bounds, .white)
    if !title.isEmpty {
      canvas.text(
        canvas.fitted(title, width: canvas.bounds.width - 32, font: .title), x: 16, y: 26,
        font: .title, color: .ink)
    }
    for (number, panel) in shown.enumerated() {
      let frame = Rectangle(
        x: Double(number % across) * size.width,
        y: header + Double(number / across) * size.height, width: size.width, height: size.height)
      panel.draw(on: canvas, in: frame)
    }
    return try canvas.finish(path: path)
  }
}

extension Chart.Size {
  /// The size with both sides in 200...4,000; what is no number counts as the least.
  var clamped: Self {
    func bounded(_ value: Double) -> Double { value > 200 ? min(value, 4_000) : 200 }
    return Self(width: bounded(width), height: bounded(height))
  }
}
