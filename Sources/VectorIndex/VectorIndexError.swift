/// What can go wrong with vectors. Each prints as one line.
public enum VectorIndexError: Error, Hashable, Sendable, CustomStringConvertible {
  /// A file of vectors is not what it has to be.
  case badVectors(path: String, reason: String)

  /// One line: what is wrong, where, and what to do.
  public var description: String {
    switch self {
    case .badVectors(let path, let reason): "\(path) holds no usable vectors: \(reason)"
    }
  }
}
