/// The formats that charts are written in.
enum PictureFormat: String, Sendable {
  /// Pixels, two a point.
  case png
  /// Vectors.
  case svg

  /// The format that a path's extension names, in either case.
  init?(path: String) {
    guard let dot = path.lastIndex(of: ".") else { return nil }
    self.init(rawValue: path[path.index(after: dot)...].lowercased())
  }
}
