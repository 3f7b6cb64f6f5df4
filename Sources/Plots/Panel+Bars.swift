extension Panel {
  /// Horizontal bars with their labels and numbers.
  func draw(_ bars: [Bar], on canvas: Canvas, in frame: Rectangle) {
    let top = frame.y + 32
    let room = Int((frame.height - 32 - 34) / 16)
    let shown = Self.fitting(bars, rows: max(room, 2))
    guard let most = shown.map(\.value).filter({ $0.isFinite && $0 > 0 }).max() else {
      return drawNothing(on: canvas, in: frame)
    }
    let labels = shown.map { canvas.fitted($0.label, width: frame.width * 0.35, font: .label) }
    let numbers = shown.map { Ticks.label($0.value) }
    let left = frame.x + 26 + (labels.map { canvas.width(of: $0, font: .label) }.max() ?? 0)
    let numberWidth = numbers.map { canvas.width(of: $0, font: .tick) }.max() ?? 0
    let length = frame.right - 26 - numberWidth - left
    let pitch = min(26, (frame.height - 32 - 34) / Double(shown.count))
    for (number, bar) in shown.enumerated() {
      let y = top + pitch * Double(number)
      let isBar = bar.value.isFinite && bar.value > 0
      let width = isBar ? bar.value / most * length : 0
      canvas.text(
        labels[number], x: left - 8, y: y + pitch / 2 + 4, font: .label, color: .ink, anchor: .end)
      canvas.fill(
        Rectangle(x: left, y: y + pitch * 0.16, width: width, height: pitch * 0.68),
        Color.series[0])
      canvas.text(
        numbers[number], x: left + width + 6, y: y + pitch / 2 + 3.5, font: .tick, color: .soft)
    }
    let bottom = top + pitch * Double(shown.count) + 2
    canvas.stroke([(left, top - 2), (left, bottom)], .axis, width: 1)
    canvas.text(
      canvas.fitted(x.label, width: length, font: .label), x: left + length / 2, y: bottom + 18,
      font: .label, color: .soft, anchor: .middle)
  }

  /// The bars, with the last of those that do not fit summed up in one.
  private static func fitting(_ bars: [Bar], rows: Int) -> [Bar] {
    guard bars.count > rows else { return bars }
    let rest = bars.dropFirst(rows - 1)
    let sum = rest.map(\.value).filter { $0.isFinite && $0 > 0 }.reduce(0, +)
    return bars.prefix(rows - 1) + [Bar("\(rest.count) more", sum)]
  }
}
