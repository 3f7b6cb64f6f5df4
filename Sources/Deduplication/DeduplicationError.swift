/// Why documents cannot be compared as asked. Each prints as one line: what, and what to do.
public enum DeduplicationError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The memory holds too few documents to be of use.
  case memoryTooSmall(bytes: Int, needed: Int)
  /// A similarity that nothing or everything has.
  case thresholdOutOfRange(String)

  /// One line: what is wrong, and what to do.
  public var description: String {
    switch self {
    case .memoryTooSmall(let bytes, let needed):
      "\(bytes) bytes are too few to find duplicates in; give \(needed) or more"
    case .thresholdOutOfRange(let threshold):
      "a similarity of \(threshold) is no threshold for duplicates; give one above 0, up to 1"
    }
  }
}
