import Files

/// What can go wrong with vectors. Each prints as one line.
public enum VectorIndexError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The system refused to open or map a file.
  case file(FileError)
  /// A file of vectors is not what it has to be.
  case badVectors(path: String, reason: String)
  /// A vector has a number that is none, or is infinite; rows count from 0.
  case notFinite(path: String, row: Int)
  /// A vector has another length than the others.
  case wrongDimensions(path: String, expected: Int, found: Int)
  /// A segment has more vectors than one may have.
  case tooMany(path: String, limit: Int)
  /// A graph needs more memory than there is.
  case outOfMemory(path: String)

  /// One line: what is wrong, where, and what to do.
  public var description: String {
    switch self {
    case .file(let error): error.description
    case .badVectors(let path, let reason): "\(path) holds no usable vectors: \(reason)"
    case .notFinite(let path, let row):
      "\(path): vector \(row) has a number that is not finite; make the vectors again"
    case .wrongDimensions(let path, let expected, let found):
      "\(path): a vector has \(found) numbers, the others have \(expected); "
        + "use vectors of the same model"
    case .tooMany(let path, let limit):
      "\(path): more than \(limit) vectors in one segment; write several segments"
    case .outOfMemory(let path):
      "\(path): not enough memory for the graph of its vectors; give the process more"
    }
  }
}
