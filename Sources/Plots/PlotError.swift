import Files

/// What can go wrong while a chart is written.
public enum PlotError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The path's extension names no format that charts are written in.
  case unknownFormat(path: String)
  /// The drawing library refused, for example a picture that is too large.
  case cannotDraw(path: String, reason: String)
  /// Counts and edges that are no histogram: edges must be finite, ascending and one more than
  /// the counts.
  case badBins(edges: Int, counts: Int)
  /// The picture could not be written.
  case file(FileError)

  /// One line: what, where, what to do.
  public var description: String {
    switch self {
    case .unknownFormat(let path):
      "cannot draw \(path): a chart's file name ends in .png or .svg"
    case .cannotDraw(let path, let reason):
      "cannot draw \(path): \(reason); draw fewer panels or smaller ones"
    case .badBins(let edges, let counts):
      "\(counts) counts with \(edges) edges are no histogram: edges are finite, ascending and one"
        + " more than the counts"
    case .file(let error): error.description
    }
  }
}
