import VectorIndex

/// The vectors of questions, brought by a user.
public struct QuestionVectors: Sendable {
  private let file: VectorFile

  /// - Parameter path: `.npy` or `.safetensors`, shape [questions, dimensions].
  /// - Throws: `VectorIndexError`, `FileError`.
  public init(path: String) throws { file = try VectorFile(path: path) }

  /// Questions.
  public var count: Int { file.count }

  /// The vector of a question, by its number.
  public func vector(_ question: Int) throws -> [Float] {
    guard question < file.count else {
      throw VectorIndexError.badVectors(
        path: file.path,
        reason: "it has \(file.count) rows, question \(question + 1) needs one more")
    }
    return try file.vector(question)
  }

  /// The one vector of the one question.
  public func only() throws -> [Float] {
    guard file.count == 1 else {
      throw VectorIndexError.badVectors(
        path: file.path, reason: "it has \(file.count) rows, there is one question")
    }
    return try file.vector(0)
  }
}
