import CCairo

/// A colour, each part 0...1.
struct Color: Hashable, Sendable {
  let red, green, blue: Double

  init(_ rgb: UInt32) {
    red = Double(rgb >> 16 & 255) / 255
    green = Double(rgb >> 8 & 255) / 255
    blue = Double(rgb & 255) / 255
  }

  static let white = Color(0xffffff)
  static let ink = Color(0x22262b)
  static let soft = Color(0x5f6771)
  static let grid = Color(0xe3e6ea)
  static let axis = Color(0x9aa1aa)

  /// The colours of lines, in order; the first is that of bars. Told apart by eyes that do not
  /// see red and green as two, too.
  static let series = [
    Color(0x3b6fb6), Color(0xe08a1e), Color(0x2f9e82), Color(0xc2476b), Color(0x7a5fb0),
    Color(0x8a7a4a),
  ]
}

extension Canvas {
  /// Fills a rectangle.
  func fill(_ rectangle: Rectangle, _ color: Color) {
    use(color)
    cairo_rectangle(context, rectangle.x, rectangle.y, rectangle.width, rectangle.height)
    cairo_fill(context)
  }

  /// Strokes a line through points; one point alone becomes a dot.
  func stroke(_ points: [(x: Double, y: Double)], _ color: Color, width: Double) {
    guard let first = points.first else { return }
    use(color)
    cairo_set_line_width(context, width)
    cairo_set_line_join(context, CAIRO_LINE_JOIN_ROUND)
    cairo_set_line_cap(context, points.count == 1 ? CAIRO_LINE_CAP_ROUND : CAIRO_LINE_CAP_BUTT)
    if points.count == 1 { cairo_set_line_width(context, width * 2) }
    cairo_move_to(context, first.x, first.y)
    for point in points.dropFirst() { cairo_line_to(context, point.x, point.y) }
    if points.count == 1 { cairo_line_to(context, first.x, first.y) }
    cairo_stroke(context)
  }

  /// Draws with everything outside `rectangle` cut off.
  func clipped(to rectangle: Rectangle, _ draw: () -> Void) {
    cairo_save(context)
    cairo_rectangle(context, rectangle.x, rectangle.y, rectangle.width, rectangle.height)
    cairo_clip(context)
    draw()
    cairo_restore(context)
  }

  func use(_ color: Color) {
    cairo_set_source_rgb(context, color.red, color.green, color.blue)
  }
}
