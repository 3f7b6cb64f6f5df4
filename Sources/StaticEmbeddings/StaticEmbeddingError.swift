/// What can go wrong with a static embedding model. Each prints as one line.
public enum StaticEmbeddingError: Error, Hashable, Sendable, CustomStringConvertible {
  /// A file of the model is not what it has to be.
  case badModel(path: String, reason: String)

  /// One line: what is wrong, where, and what to do.
  public var description: String {
    switch self {
    case .badModel(let path, let reason):
      "\(path) is no static embedding model: \(reason)"
    }
  }
}
