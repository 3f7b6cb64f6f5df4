import Serving

/// A question to the indexes of datasets: the members of `QuestionBody`, and `datasets`.
package struct QueryBody: Decodable, Sendable {
  /// The most datasets of a question.
  static let mostDatasets = 64

  /// Whose indexes are asked, `name` or `name@version`.
  package var datasets: [String]
  /// What they are asked.
  package var question: QuestionBody

  enum Keys: String, CodingKey, CaseIterable {
    case datasets, question, limit, perDocument
    case conditions = "where"
    case mode, vector, maxTokens
  }

  package init(from decoder: any Decoder) throws {
    let members = try BodyMembers(decoder, Keys.self)
    datasets = try members.required(.datasets)
    try members.check("names of \"datasets\"", datasets.count, 1...Self.mostDatasets)
    datasets = try datasets.map { try members.text(.datasets, $0, bytes: mostNameBytes) }
    question = try QuestionBody(members: decoder.container(keyedBy: QuestionBody.CodingKeys.self))
  }
}
