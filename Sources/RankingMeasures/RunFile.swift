/// A run file of TREC: the answers of one system to many questions.
///
/// A line is `question Q0 document rank score tag`, cut at white space. As `trec_eval` does, a
/// question's documents are ordered by score, largest first, wherever their lines stand; equal
/// scores are ordered by rank (`trec_eval` orders them by name), and equal ranks by line.
public enum RunFile {
  /// Reads a file; questions in the order in which they come first.
  ///
  /// - Parameter file: its name, for errors.
  /// - Throws: `RankingFileError`.
  /// - Complexity: O(n log n) in lines; memory for the file's content.
  public static func rankings(parsing bytes: [UInt8], file: String) throws -> [Ranking] {
    var questions: [Answers] = []
    var indices: [ExactName: Int] = [:]
    try TrecLines(file: file, bytes: bytes).forEach { line, fields in
      let answer = try Answer(fields: fields, line: line, file: file)
      let index = indices[ExactName(fields[0])] ?? questions.count
      if index == questions.count {
        indices[ExactName(fields[0])] = index
        questions.append(Answers(question: fields[0]))
      }
      guard questions[index].documents.insert(ExactName(answer.document)).inserted else {
        throw RankingFileError.rankedTwice(
          file: file, line: line, question: fields[0], document: answer.document)
      }
      questions[index].answers.append(answer)
    }
    return questions.map(\.ranking)
  }

  /// One line.
  private struct Answer {
    var document: String
    var rank: Int
    var score: Double
    var line: Int

    init(fields: [String], line: Int, file: String) throws {
      guard fields.count == 6 else {
        throw RankingFileError.fieldCount(
          file: file, line: line, found: fields.count,
          format: "\"question Q0 document rank score tag\"")
      }
      guard let rank = Int(fields[3]) else {
        throw RankingFileError.notANumber(
          file: file, line: line, field: "rank", expected: "a whole number")
      }
      guard let score = Double(fields[4]), score.isFinite else {
        throw RankingFileError.notANumber(
          file: file, line: line, field: "score", expected: "a finite number")
      }
      (self.document, self.rank, self.score, self.line) = (fields[2], rank, score, line)
    }

    static func isBefore(_ left: Answer, _ right: Answer) -> Bool {
      if left.score != right.score { return left.score > right.score }
      if left.rank != right.rank { return left.rank < right.rank }
      return left.line < right.line
    }
  }

  private struct Answers {
    var question: String
    var documents: Set<ExactName> = []
    var answers: [Answer] = []

    var ranking: Ranking {
      let ordered = answers.sorted(by: Answer.isBefore)
      return Ranking(
        question: question, documents: ordered.map { (name: $0.document, score: $0.score) })
    }
  }
}
