import CCairo

/// A size and a weight of the one family that charts use.
struct Font: Hashable, Sendable {
  let size: Double
  let isBold: Bool

  static let title = Font(size: 16, isBold: true)
  static let heading = Font(size: 12.5, isBold: true)
  static let label = Font(size: 11, isBold: false)
  static let tick = Font(size: 10, isBold: false)
}

/// Which part of a text lies at the point it is drawn at.
enum TextAnchor: Sendable {
  case start
  case middle
  case end
}

extension Canvas {
  /// Draws one line of text with its base line at `y`.
  func text(
    _ text: String, x: Double, y: Double, font: Font, color: Color, anchor: TextAnchor = .start
  ) {
    let width = anchor == .start ? 0 : width(of: text, font: font)
    select(font)
    use(color)
    cairo_move_to(context, anchor == .start ? x : anchor == .end ? x - width : x - width / 2, y)
    cairo_show_text(context, text.shownOnOneLine)
  }

  /// Draws one line of text upwards, centred at the point.
  func uprightText(_ text: String, x: Double, y: Double, font: Font, color: Color) {
    cairo_save(context)
    cairo_translate(context, x, y)
    cairo_rotate(context, -.pi / 2)
    self.text(text, x: 0, y: 0, font: font, color: color, anchor: .middle)
    cairo_restore(context)
  }

  /// How far a text reaches, in points.
  func width(of text: String, font: Font) -> Double {
    select(font)
    var extents = cairo_text_extents_t()
    cairo_text_extents(context, text.shownOnOneLine, &extents)
    return extents.x_advance
  }

  /// The text, cut with an ellipsis where it is wider than `width` points.
  func fitted(_ text: String, width: Double, font: Font) -> String {
    var text = String(text.shownOnOneLine.prefix(500))
    guard self.width(of: text, font: font) > width else { return text }
    while !text.isEmpty, self.width(of: text + "…", font: font) > width { text.removeLast() }
    return text + "…"
  }

  private func select(_ font: Font) {
    cairo_select_font_face(
      context, "sans", CAIRO_FONT_SLANT_NORMAL,
      font.isBold ? CAIRO_FONT_WEIGHT_BOLD : CAIRO_FONT_WEIGHT_NORMAL)
    cairo_set_font_size(context, font.size)
  }
}
