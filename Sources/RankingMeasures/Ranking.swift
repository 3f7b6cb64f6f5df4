/// The answers to one question, best first: names of documents and their scores.
public struct Ranking: Hashable, Sendable {
  /// The question's id.
  public var question: String
  /// Documents, best first, each once.
  public var documents: [(name: String, score: Double)]

  /// A ranking.
  public init(question: String, documents: [(name: String, score: Double)]) {
    self.question = question
    self.documents = documents
  }

  /// Whether question, documents, their order and scores are equal.
  public static func == (left: Ranking, right: Ranking) -> Bool {
    left.question == right.question
      && left.documents.elementsEqual(right.documents) {
        $0.name == $1.name && $0.score == $1.score
      }
  }

  /// Feeds the question and the documents' names.
  public func hash(into hasher: inout Hasher) {
    hasher.combine(question)
    for document in documents { hasher.combine(document.name) }
  }
}
