import Foundation
import Questions
import Retrieval
import Tokenization

/// A question as programs ask it, in JSON: the request of the library's `engram_query`, and the body
/// of the service's `POST /v1/query` but for its `datasets`.
///
///     {"question":"page cache","limit":5,"where":["path=admin-guide/*"]}
public struct QuestionBody: Decodable, Sendable {
  /// What is asked; `"double quotes"` ask for phrases.
  public var question: String
  /// The most passages.
  public var limit: Int
  /// The most passages of one document; 0 for any number.
  public var perDocument: Int
  /// Conditions on metadata, as `engram query --where` takes them; all have to be met.
  public var conditions: [String]
  /// How passages are ranked; the indexes' default where `nil`.
  public var mode: SearchRequest.Mode?
  /// The question's vector.
  public var vector: [Float]?
  /// Tokens of a context of the passages; none is made where `nil`.
  public var maxTokens: Int?

  /// The members.
  public enum CodingKeys: String, CodingKey, CaseIterable {
    case question, limit, perDocument
    case conditions = "where"
    case mode, vector, maxTokens
  }

  /// The most conditions.
  static let mostConditions = 256
  /// The most tokens of a context.
  static let mostTokens = 1_000_000

  /// - Throws: `RequestError`, `DecodingError`.
  public init(from decoder: any Decoder) throws {
    try self.init(members: StrictMembers(decoder, CodingKeys.self))
  }

  /// Reads the members of a question, whatever else is beside them.
  ///
  /// - Throws: `RequestError`.
  package init(members: StrictMembers<CodingKeys>) throws {
    question = try members.required(.question)
    let limits = SearchRequest.limitRange
    limit = try members.number(.limit, in: limits, otherwise: 10)
    perDocument = try members.number(
      .perDocument, in: 0...limits.upperBound, otherwise: SearchRequest.defaultPerDocument)
    conditions = try members.optional(.conditions) ?? []
    try members.check(.conditions, elements: conditions.count, in: 0...Self.mostConditions)
    vector = try members.optional(.vector)
    maxTokens = try members.number(.maxTokens, in: 1...Self.mostTokens)
    mode = try members.optional(.mode, String.self).map { name in
      guard let mode = SearchRequest.Mode(rawValue: name) else {
        throw RequestError.badValue(
          name: "mode", found: "\"\(name.prefix(32))\"",
          expected: SearchRequest.Mode.allCases.map(\.rawValue).joined(separator: ", "))
      }
      return mode
    }
  }

  /// Reads a question in JSON.
  ///
  /// - Throws: `RequestError`.
  public init(json: some Sequence<UInt8>) throws {
    self = try JSONBody.decode(QuestionBody.self, from: Data(json))
  }

  /// What is asked of these indexes.
  ///
  /// - Throws: `QuestionError`.
  public func request(for search: Search) throws -> SearchRequest {
    SearchRequest(
      question: try Question(parsing: question), limit: limit, perDocument: perDocument,
      conditions: try conditions.map { try Condition(parsing: $0) },
      mode: mode ?? search.defaultMode, vector: vector)
  }
}

/// The answer to a `QuestionBody`.
public struct QuestionAnswer: Encodable, Sendable {
  /// The passages, best first.
  public var passages: [PassageLine]
  /// The passages as a prompt takes them, where the question says how many tokens that may have.
  public var context: String?

  /// Answers a question.
  ///
  /// - Parameter tokenizer: what counts the context's tokens; one for every 3 bytes where `nil`.
  /// - Throws: `RetrievalError`, `QuestionError`, `DatasetError` and what lies below them.
  public init(_ body: QuestionBody, search: Search, tokenizer: Tokenizer? = nil) throws {
    let found = try search.answer(body.request(for: search)).passages()
    passages = found.enumerated().map { PassageLine($0.element, rank: $0.offset + 1) }
    context = try body.maxTokens.map {
      try PromptContext(found, limit: $0, tokenizer: tokenizer).text
    }
  }
}
