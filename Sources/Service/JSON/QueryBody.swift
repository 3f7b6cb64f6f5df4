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
    let members = try StrictMembers(decoder, Keys.self)
    datasets = try members.required(.datasets)
    try members.check(.datasets, elements: datasets.count, in: 1...Self.mostDatasets)
    datasets = try datasets.map { try members.text(.datasets, $0, bytes: mostNameBytes) }
    question = try QuestionBody(members: .init(of: decoder, QuestionBody.CodingKeys.self))
  }
}

/// The longest name of a table or dataset, version and all, that a body may have.
let mostNameBytes = 512
