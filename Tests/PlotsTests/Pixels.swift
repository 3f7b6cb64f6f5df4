import CCairo
import Testing

@testable import Plots

/// A PNG read back, as the drawing library decodes it.
struct Pixels {
  let width: Int
  let height: Int
  private let words: [UInt32]

  init(png path: String) throws {
    let surface = cairo_image_surface_create_from_png(path)
    defer { cairo_surface_destroy(surface) }
    try #require(cairo_surface_status(surface) == CAIRO_STATUS_SUCCESS)
    width = Int(cairo_image_surface_get_width(surface))
    height = Int(cairo_image_surface_get_height(surface))
    let stride = Int(cairo_image_surface_get_stride(surface))
    let data = try #require(cairo_image_surface_get_data(surface))
    var words: [UInt32] = []
    for y in 0..<height {
      for x in 0..<width {
        words.append(
          UnsafeRawPointer(data).loadUnaligned(fromByteOffset: y * stride + 4 * x, as: UInt32.self)
            & 0xffffff)
      }
    }
    self.words = words
  }

  /// Red, green and blue, eight bits each.
  subscript(x: Int, y: Int) -> UInt32 { words[y * width + x] }

  /// The lengths of the bars that cross row `y`, or stand in column `x`: runs of the colour of
  /// bars, left to right or top to bottom.
  func runs(row y: Int) -> [Int] { Self.runs((0..<width).map { self[$0, y] }) }
  func runs(column x: Int) -> [Int] { Self.runs((0..<height).map { self[x, $0] }) }

  /// Pixels of a colour in all.
  func count(of color: UInt32) -> Int { words.count { $0 == color } }

  static let bar: UInt32 = 0x3b6fb6

  private static func runs(_ line: [UInt32]) -> [Int] {
    line.split { $0 != bar }.map(\.count)
  }
}
