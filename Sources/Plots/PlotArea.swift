/// The rectangle between two axes, and where numbers lie in it.
struct PlotArea {
  let canvas: Canvas
  let area: Rectangle
  let x: AxisRange
  let y: AxisRange

  /// Leaves room for title, ticks and labels in `frame`.
  init(canvas: Canvas, frame: Rectangle, x: AxisRange, y: AxisRange) {
    self.canvas = canvas
    self.x = x
    self.y = y
    let widest = Ticks.values(in: y).map { canvas.width(of: Ticks.label($0), font: .tick) }.max()
    let left = 38 + (widest ?? 0)
    area = Rectangle(
      x: frame.x + left, y: frame.y + 32, width: frame.width - left - 22,
      height: frame.height - 32 - 46)
  }

  func place(x value: Double) -> Double { area.x + x.fraction(value) * area.width }

  func place(y value: Double) -> Double {
    area.bottom - min(max(y.fraction(value), 0), 1) * area.height
  }

  /// Horizontal and vertical hair lines at the ticks.
  func drawGrid() {
    for tick in Ticks.values(in: y) {
      let place = place(y: tick).rounded() + 0.25
      canvas.stroke([(area.x, place), (area.right, place)], .grid, width: 0.5)
    }
    for tick in xTicks {
      let place = place(x: tick).rounded() + 0.25
      canvas.stroke([(place, area.y), (place, area.bottom)], .grid, width: 0.5)
    }
  }

  /// The base line, the ticks' numbers and the axes' labels.
  func drawAxes(x xLabel: String, y yLabel: String) {
    canvas.stroke([(area.x, area.bottom), (area.right, area.bottom)], .axis, width: 1)
    for tick in Ticks.values(in: y) {
      canvas.text(
        Ticks.label(tick), x: area.x - 7, y: place(y: tick) + 3.5, font: .tick, color: .soft,
        anchor: .end)
    }
    for tick in xTicks {
      canvas.text(
        Ticks.label(tick), x: place(x: tick), y: area.bottom + 15, font: .tick, color: .soft,
        anchor: .middle)
    }
    canvas.text(
      canvas.fitted(xLabel, width: area.width, font: .label), x: area.x + area.width / 2,
      y: area.bottom + 33, font: .label, color: .soft, anchor: .middle)
    let widest = Ticks.values(in: y).map { canvas.width(of: Ticks.label($0), font: .tick) }.max()
    canvas.uprightText(
      canvas.fitted(yLabel, width: area.height, font: .label), x: area.x - (widest ?? 0) - 15,
      y: area.y + area.height / 2, font: .label, color: .soft)
  }

  /// Names and colours at the top right, where there are several.
  func drawLegend(_ names: [String]) {
    guard names.count > 1 else { return }
    let rows = min(names.count, Int(area.height / 16))
    let shown = names.prefix(rows).map { canvas.fitted($0, width: area.width / 3, font: .tick) }
    let widest = shown.map { canvas.width(of: $0, font: .tick) }.max() ?? 0
    let box = Rectangle(
      x: area.right - widest - 34, y: area.y + 4, width: widest + 30,
      height: Double(rows) * 16 + 6)
    canvas.fill(box, .white)
    for (number, name) in shown.enumerated() {
      let line = box.y + 16 * Double(number) + 11
      let color = Color.series[number % Color.series.count]
      canvas.stroke([(box.x + 4, line), (box.x + 20, line)], color, width: 2)
      canvas.text(name, x: box.x + 26, y: line + 3.5, font: .tick, color: .ink)
    }
  }

  private var xTicks: [Double] { Ticks.values(in: x, count: max(2, Int(area.width / 80))) }
}
