/// Rankings beside the judgments of people.
///
///     let evaluation = Evaluation(of: rankings, by: qrels)
///     evaluation.mean(.ndcg(depth: 10))  // 0.4496
///
/// Counted are the questions of the judgments that have a relevant document: without one no
/// answer is better than another, and the question is skipped. A question that was not answered
/// counts 0, as an empty answer does. Answers to questions that nobody judged are left out.
public struct Evaluation: Sendable {
  /// What counts of one question.
  private struct Judged: Sendable {
    var question: String
    var gains: [Int]
    var best: [Int]
  }

  private let judged: [Judged]
  /// Questions of the judgments without a relevant document: not counted.
  public let skippedQuestions: Int
  /// Counted questions without an answer.
  public let unansweredQuestions: Int
  /// Answered questions that nobody judged: not counted.
  public let unjudgedQuestions: Int

  /// Questions that count.
  public var questions: Int { judged.count }

  /// Looks every answer up in the judgments.
  ///
  /// Of several rankings of one question the first counts; a document that comes again in a
  /// ranking is not relevant a second time. Names are compared byte by byte.
  /// - Complexity: O(answers + judgments).
  public init(of rankings: [Ranking], by qrels: Qrels) {
    let answers = Dictionary(
      rankings.map { (ExactName($0.question), $0) }, uniquingKeysWith: { first, _ in first })
    var judged: [Judged] = []
    var unanswered = 0
    for question in qrels.questions {
      let best = qrels.gains(of: question)
      if best.isEmpty { continue }
      let documents = answers[ExactName(question)]?.documents ?? []
      if documents.isEmpty { unanswered += 1 }
      var seen: Set<ExactName> = []
      let gains = documents.map { document in
        guard seen.insert(ExactName(document.name)).inserted else { return 0 }
        return max(0, qrels.relevance(of: document.name, to: question))
      }
      judged.append(Judged(question: question, gains: gains, best: best))
    }
    let known = Set(qrels.questions.map(ExactName.init))
    self.judged = judged
    self.skippedQuestions = qrels.questions.count - judged.count
    self.unansweredQuestions = unanswered
    self.unjudgedQuestions = answers.keys.count { !known.contains($0) }
  }

  /// The mean of a measure over the questions that count; 0 where none does.
  public func mean(_ measure: RankingMeasure) -> Double {
    let sum = judged.reduce(0) { $0 + measure.value(gains: $1.gains, best: $1.best) }
    return judged.isEmpty ? 0 : sum / Double(judged.count)
  }

  /// A measure of each question that counts, in the order of the judgments.
  public func values(_ measure: RankingMeasure) -> [(question: String, value: Double)] {
    judged.map { ($0.question, measure.value(gains: $0.gains, best: $0.best)) }
  }
}
