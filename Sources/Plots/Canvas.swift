import CCairo
import Foundation

/// A rectangle in points, y downwards.
struct Rectangle: Hashable, Sendable {
  var x, y, width, height: Double

  var right: Double { x + width }
  var bottom: Double { y + height }
}

/// A picture being drawn with cairo, in points. The library remembers its first error, which
/// `finish` reports.
final class Canvas {
  let bounds: Rectangle
  let context: OpaquePointer
  private let surface: OpaquePointer
  private let format: PictureFormat
  private let output = ByteStream()

  /// A canvas of `width` x `height` points.
  init(width: Double, height: Double, format: PictureFormat) {
    bounds = Rectangle(x: 0, y: 0, width: width, height: height)
    self.format = format
    let scale = format == .png ? 2.0 : 1.0
    switch format {
    case .png:
      // Past the library's own limit of 32,767 pixels a side it returns a surface that says so.
      surface = cairo_image_surface_create(
        CAIRO_FORMAT_RGB24, Int32(min(width * scale, 1e6)), Int32(min(height * scale, 1e6)))
    case .svg:
      surface = cairo_svg_surface_create_for_stream(
        ByteStream.append, Unmanaged.passUnretained(output).toOpaque(), width, height)
    }
    context = cairo_create(surface)
    cairo_scale(context, scale, scale)
  }

  deinit {
    cairo_destroy(context)
    // May write the rest of an SVG into `output`, which is still there.
    cairo_surface_destroy(surface)
  }

  /// Ends the picture and returns its file's bytes.
  ///
  /// - Throws: `PlotError.cannotDraw` with the first thing that the library refused.
  func finish(path: String) throws(PlotError) -> [UInt8] {
    var status = cairo_status(context)
    if status == CAIRO_STATUS_SUCCESS, format == .png {
      status = cairo_surface_write_to_png_stream(
        surface, ByteStream.append, Unmanaged.passUnretained(output).toOpaque())
    }
    if status == CAIRO_STATUS_SUCCESS {
      cairo_surface_finish(surface)
      status = cairo_surface_status(surface)
    }
    guard status == CAIRO_STATUS_SUCCESS else {
      throw .cannotDraw(path: path, reason: String(cString: cairo_status_to_string(status)))
    }
    return output.bytes
  }
}

/// Where the library writes a file's bytes.
private final class ByteStream {
  var bytes: [UInt8] = []

  static let append: cairo_write_func_t = { stream, data, count in
    guard let stream, let data else { return CAIRO_STATUS_WRITE_ERROR }
    Unmanaged<ByteStream>.fromOpaque(stream).takeUnretainedValue().bytes
      .append(contentsOf: UnsafeBufferPointer(start: data, count: Int(count)))
    return CAIRO_STATUS_SUCCESS
  }
}
