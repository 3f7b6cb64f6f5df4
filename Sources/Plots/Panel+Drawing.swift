extension Panel {
  /// Draws the panel into a frame of the canvas.
  func draw(on canvas: Canvas, in frame: Rectangle) {
    if !title.isEmpty {
      canvas.text(
        canvas.fitted(title, width: frame.width - 32, font: .heading), x: frame.x + 16,
        y: frame.y + 18, font: .heading, color: .ink)
    }
    switch content {
    case .histogram(let histogram): draw(histogram, on: canvas, in: frame)
    case .lines(let lines): draw(lines, on: canvas, in: frame)
    case .bars(let bars): draw(bars, on: canvas, in: frame)
    }
  }

  private func draw(_ histogram: Histogram, on canvas: Canvas, in frame: Rectangle) {
    let counts = histogram.counts.map(Double.init)
    guard let low = histogram.edges.first, let high = histogram.edges.last,
      let yRange = AxisRange(counts, scale: y.scale, fromZero: true)
    else { return drawNothing(on: canvas, in: frame, skipped: histogram.skipped) }
    // On a logarithmic axis the least bar, of one value, needs some height.
    let grown =
      y.scale == .logarithmic
      ? AxisRange(scale: .logarithmic, low: 0.5, high: max(2, yRange.high)) : yRange.rounded()
    let plot = PlotArea(
      canvas: canvas, frame: frame, x: AxisRange(scale: histogram.scale, low: low, high: high),
      y: grown)
    plot.drawGrid()
    for (bin, count) in counts.enumerated() where count > 0 {
      let left = plot.place(x: histogram.edges[bin])
      let right = plot.place(x: histogram.edges[bin + 1])
      let top = plot.place(y: count)
      let gap = right - left > 3 ? 0.5 : 0
      canvas.fill(
        Rectangle(
          x: left + gap, y: top, width: max(right - left - 2 * gap, 0.5),
          height: plot.area.bottom - top), Color.series[0])
    }
    plot.drawAxes(x: x.label, y: y.label)
    drawNote(skipped: histogram.skipped, on: canvas, in: frame)
  }

  private func draw(_ lines: [Line], on canvas: Canvas, in frame: Rectangle) {
    let isShown = { (point: Point) in
      AxisRange.isShown(point.x, x.scale) && AxisRange.isShown(point.y, y.scale)
    }
    let points = lines.flatMap(\.points)
    let shown = points.filter(isShown)
    guard let xRange = AxisRange(shown.map(\.x), scale: x.scale),
      let yRange = AxisRange(shown.map(\.y), scale: y.scale)
    else { return drawNothing(on: canvas, in: frame, skipped: points.count) }
    let plot = PlotArea(canvas: canvas, frame: frame, x: xRange, y: yRange.rounded())
    plot.drawGrid()
    canvas.clipped(to: plot.area.grown(by: 2)) {
      for (number, line) in lines.enumerated() {
        let color = Color.series[number % Color.series.count]
        for run in line.points.split(whereSeparator: { !isShown($0) }) {
          canvas.stroke(
            run.map { (plot.place(x: $0.x), plot.place(y: $0.y)) }, color, width: 1.8)
        }
      }
    }
    plot.drawAxes(x: x.label, y: y.label)
    plot.drawLegend(lines.map(\.name))
    drawNote(skipped: points.count - shown.count, on: canvas, in: frame)
  }

  func drawNothing(on canvas: Canvas, in frame: Rectangle, skipped: Int = 0) {
    canvas.text(
      "nothing to show", x: frame.x + frame.width / 2, y: frame.y + frame.height / 2,
      font: .label, color: .soft, anchor: .middle)
    drawNote(skipped: skipped, on: canvas, in: frame)
  }

  private func drawNote(skipped: Int, on canvas: Canvas, in frame: Rectangle) {
    guard skipped > 0 else { return }
    canvas.text(
      skipped == 1 ? "1 value has no place here" : "\(skipped) values have no place here",
      x: frame.right - 16, y: frame.y + 18, font: .tick, color: .soft, anchor: .end)
  }
}

extension Rectangle {
  func grown(by margin: Double) -> Self {
    Self(x: x - margin, y: y - margin, width: width + 2 * margin, height: height + 2 * margin)
  }
}
