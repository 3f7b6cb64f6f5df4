/// Which documents answer which questions, as people judged them: a qrels file of TREC.
///
///     let qrels = try Qrels(parsing: bytes, file: "qrels.txt")
///     qrels.relevance(of: "doc-7", to: "q1")  // 2
///
/// A line is `question iteration document relevance`, cut at white space; the iteration is not
/// looked at. Relevance is a whole number of 32 bits; 0 and less say that the document does not
/// answer. What no line names is not relevant. Ids are compared byte by byte.
public struct Qrels: Sendable {
  /// Questions in the order in which they come first.
  public private(set) var questions: [String] = []
  private var judgments: [ExactName: [ExactName: Int]] = [:]

  /// No judgments.
  public init() {}

  /// Reads a file.
  ///
  /// - Parameter file: its name, for errors.
  /// - Throws: `RankingFileError`.
  /// - Complexity: O(bytes) time and memory.
  public init(parsing bytes: [UInt8], file: String) throws {
    try TrecLines(file: file, bytes: bytes).forEach { line, fields in
      guard fields.count == 4 else {
        throw RankingFileError.fieldCount(
          file: file, line: line, found: fields.count,
          format: "\"question 0 document relevance\"")
      }
      guard let relevance = Int32(fields[3]) else {
        throw RankingFileError.notANumber(
          file: file, line: line, field: "relevance", expected: "a whole number of 32 bits")
      }
      guard judge(fields[2], for: fields[0], as: Int(relevance)) else {
        throw RankingFileError.judgedTwice(
          file: file, line: line, question: fields[0], document: fields[2])
      }
    }
  }

  /// Adds a judgment; false, and nothing is changed, where there is another one of the document.
  public mutating func judge(_ document: String, for question: String, as relevance: Int) -> Bool {
    let key = ExactName(question)
    if judgments[key] == nil { questions.append(question) }
    let before = judgments[key, default: [:]][ExactName(document)]
    guard before == nil || before == relevance else { return false }
    judgments[key, default: [:]][ExactName(document)] = relevance
    return true
  }

  /// How relevant a document is to a question; 0 where nobody judged it.
  public func relevance(of document: String, to question: String) -> Int {
    judgments[ExactName(question)]?[ExactName(document)] ?? 0
  }

  /// The relevances above 0 of a question's documents, largest first.
  func gains(of question: String) -> [Int] {
    (judgments[ExactName(question)] ?? [:]).values.filter { $0 > 0 }.sorted(by: >)
  }
}
