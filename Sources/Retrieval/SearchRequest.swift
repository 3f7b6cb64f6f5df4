import Questions

/// What is asked of one or several indexes.
public struct SearchRequest: Sendable {
  /// How passages are ranked.
  public enum Mode: String, Sendable, CaseIterable {
    /// By their words: BM25.
    case lexical
    /// By the cosine of their vectors with the question's.
    case dense
    /// By both: reciprocal ranks, added.
    case hybrid
  }

  /// The question.
  public var question: Question
  /// The most passages of an answer.
  public var limit: Int
  /// The most passages of one document; 0 for any number.
  public var perDocument: Int
  /// What documents have to be like.
  public var conditions: [Condition]
  /// How passages are ranked.
  public var mode: Mode
  /// The question's vector; made by the index's model where `nil`.
  public var vector: [Float]?

  /// Passages of one document by default.
  public static let defaultPerDocument = 2
  /// The most passages that can be asked for.
  public static let limitRange = 1...10_000
  /// The most different words of a question that are searched.
  public static let wordLimit = 1024

  /// A request.
  public init(
    question: Question, limit: Int = 10, perDocument: Int = Self.defaultPerDocument,
    conditions: [Condition] = [], mode: Mode = .lexical, vector: [Float]? = nil
  ) {
    self.question = question
    self.limit = limit
    self.perDocument = perDocument
    self.conditions = conditions
    self.mode = mode
    self.vector = vector
  }
}
