import Foundation
import RankingMeasures
import SeededRandom
import Testing

/// Figures that were worked out by hand, and plain loops over random answers.
@Suite struct MeasureTests {
  /// Judged: a 3, b 2, c 1, d 0, x 1 (never found). Answered: b, d, a, e, c.
  private let qrels = Qrels.of(["q": ["a": 3, "b": 2, "c": 1, "d": 0, "x": 1]])
  private let answers = [Ranking.of("q", ["b", "d", "a", "e", "c"])]

  @Test func measuresOfOneQuestionAreThoseWorkedOutByHand() {
    let evaluation = Evaluation(of: answers, by: qrels)
    let best3 = 3.0 + 2 / log2(3.0) + 1 / 2.0
    let best = best3 + 1 / log2(5.0)
    #expect(close(evaluation.mean(.ndcg(depth: 3)), (2 + 3 / 2.0) / best3))
    #expect(
      close(evaluation.mean(.ndcg(depth: 10)), (2 + 3 / 2.0 + 1 / log2(6.0)) / best))
    #expect(close(evaluation.mean(.ndcg(depth: 10)), 0.7417))
    #expect(evaluation.mean(.recall(depth: 1)) == 0.25)
    #expect(evaluation.mean(.recall(depth: 3)) == 0.5)
    #expect(evaluation.mean(.recall(depth: 100)) == 0.75)
    #expect(evaluation.mean(.reciprocalRank(depth: nil)) == 1)
    #expect(close(evaluation.mean(.averagePrecision), (1 + 2 / 3.0 + 3 / 5.0) / 4))
  }

  @Test func theReciprocalRankIsThatOfTheFirstRelevantAnswer() {
    let evaluation = Evaluation(of: [.of("q", ["e", "d", "c", "a"])], by: qrels)
    #expect(evaluation.mean(.reciprocalRank(depth: nil)) == 1 / 3.0)
    #expect(evaluation.mean(.reciprocalRank(depth: 3)) == 1 / 3.0)
    #expect(evaluation.mean(.reciprocalRank(depth: 2)) == 0)
  }

  @Test func whatIsNotAnsweredCounts0AndWhatHasNoAnswerDoesNotCount() {
    let qrels = Qrels.of(["1": ["a": 1], "2": ["b": 1], "3": ["c": 0], "4": ["d": -1]])
    let evaluation = Evaluation(
      of: [.of("1", ["a"]), .of("3", ["c"]), .of("7", ["a"])], by: qrels)
    #expect(evaluation.questions == 2)
    #expect(evaluation.skippedQuestions == 2)
    #expect(evaluation.unansweredQuestions == 1)
    #expect(evaluation.unjudgedQuestions == 1)
    for measure in RankingMeasure.standard { #expect(evaluation.mean(measure) == 0.5) }
    #expect(evaluation.values(.averagePrecision).map(\.value) == [1, 0])
  }

  @Test func nothingJudgedIsNotANumberDividedBy0() {
    let evaluation = Evaluation(of: answers, by: Qrels())
    for measure in RankingMeasure.standard { #expect(evaluation.mean(measure) == 0) }
  }

  @Test func aDocumentIsFoundOnce() {
    let qrels = Qrels.of(["q": ["a": 1, "b": 1]])
    let evaluation = Evaluation(of: [.of("q", ["a", "a", "a"])], by: qrels)
    #expect(evaluation.mean(.recall(depth: 10)) == 0.5)
    #expect(evaluation.mean(.averagePrecision) == 0.5)
  }

  @Test func theBestOrderHasTheHighestFigures() {
    let evaluation = Evaluation(of: [.of("q", ["a", "b", "x", "c", "d"])], by: qrels)
    for measure in RankingMeasure.standard { #expect(close(evaluation.mean(measure), 1)) }
  }

  @Test(arguments: 0..<200)
  func measuresOfRandomAnswersAreThoseOfPlainLoops(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    let names = (0..<30).map { "d\($0)" }
    let judged = names.map { ($0, Int.random(in: -1...3, using: &random)) }
    let known = Dictionary(uniqueKeysWithValues: judged.prefix(Int.random(in: 1...30)))
    let found = Array(names.shuffled(using: &random).prefix(Int.random(in: 0...30, using: &random)))
    let evaluation = Evaluation(of: [.of("q", found)], by: Qrels.of(["q": known]))
    let relevant = known.values.filter { $0 > 0 }
    guard !relevant.isEmpty else {
      #expect(evaluation.questions == 0)
      return
    }
    for depth in [1, 2, 5, 10, 100] {
      var (gain, best, hits, first) = (0.0, 0.0, 0, 0.0)
      for rank in 1...depth {
        let ordered = relevant.sorted(by: >)
        if rank <= ordered.count {
          best += Double(ordered[rank - 1]) * log(2) / log(1.0 + Double(rank))
        }
        if rank <= found.count, let value = known[found[rank - 1]], value > 0 {
          gain += Double(value) * log(2) / log(1.0 + Double(rank))
          hits += 1
          if first == 0 { first = 1 / Double(rank) }
        }
      }
      #expect(close(evaluation.mean(.ndcg(depth: depth)), gain / best))
      #expect(close(evaluation.mean(.recall(depth: depth)), Double(hits) / Double(relevant.count)))
      #expect(close(evaluation.mean(.reciprocalRank(depth: depth)), first))
    }
    var sum = 0.0
    for name in names where (known[name] ?? 0) > 0 {
      guard let place = found.firstIndex(of: name) else { continue }
      sum += Double(found[...place].count { (known[$0] ?? 0) > 0 }) / Double(place + 1)
    }
    #expect(close(evaluation.mean(.averagePrecision), sum / Double(relevant.count)))
  }

  @Test(arguments: [
    ("ndcg@10", RankingMeasure.ndcg(depth: 10)), ("nDCG@1", .ndcg(depth: 1)),
    ("recall@100", .recall(depth: 100)), ("mrr", .reciprocalRank(depth: nil)),
    ("MRR@10", .reciprocalRank(depth: 10)), ("map", .averagePrecision),
  ])
  func measuresHaveNames(name: String, measure: RankingMeasure) {
    #expect(RankingMeasure(name) == measure)
    #expect(RankingMeasure(measure.description) == measure)
  }

  @Test(arguments: [
    "", "@", "ndcg", "recall", "ndcg@", "ndcg@0", "ndcg@-1", "ndcg@10@10", "map@5",
    "ndcg@99999999999999999999", "ndcg@1000001", "mrr@x", "p@5",
  ])
  func otherNamesAreNone(name: String) { #expect(RankingMeasure(name) == nil) }

  private func close(_ left: Double, _ right: Double) -> Bool { abs(left - right) < 1e-4 }
}

extension Ranking {
  /// A ranking whose scores fall by one.
  static func of(_ question: String, _ names: [String]) -> Ranking {
    Ranking(
      question: question,
      documents: names.enumerated().map { (name: $0.element, score: Double(-$0.offset)) })
  }
}

extension Qrels {
  /// Judgments of several questions, questions in the order of their names.
  static func of(_ judgments: [String: [String: Int]]) -> Qrels {
    var qrels = Qrels()
    for (question, documents) in judgments.sorted(by: { $0.key < $1.key }) {
      for (document, relevance) in documents {
        _ = qrels.judge(document, for: question, as: relevance)
      }
    }
    return qrels
  }
}
