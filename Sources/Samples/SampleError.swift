/// Why bytes are not a sample of their dataset's kind. Callers add the dataset and the sample.
public enum SampleError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The bytes do not have the form that the kind asks for.
  case malformed(kind: SampleKind, reason: String)

  /// One line: what is wrong.
  public var description: String {
    switch self {
    case .malformed(let kind, let reason): "this is no \(kind.rawValue) sample: \(reason)"
    }
  }
}
