import ArgumentParser
import Datasets
import Files
import Foundation
import Questions
import RankingMeasures
import Retrieval
import Storage

/// How well an index ranks what people judged.
struct IndexEvaluateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate",
    abstract: "Measure rankings against people's judgements.",
    discussion: """
      Answers a file of questions, or reads a TREC run, and compares it with a qrels file (lines \
      `question 0 document relevance`). Documents are named by their record's id.

        engram index evaluate docs --queries questions.jsonl --qrels qrels.txt
        engram index evaluate docs --queries questions.jsonl --qrels qrels.txt --mode lexical
        engram index evaluate --run run.trec --qrels qrels.txt --measure ndcg@5
      """)

  @Argument(help: ArgumentHelp("DATASET or DATASET@V.", valueName: "dataset"))
  var dataset: String?

  @Option(
    help: ArgumentHelp(
      "A file of questions, JSON lines: {\"id\":..,\"text\":..}.", valueName: "file"))
  var queries: String?

  @Option(
    name: .customLong("run"),
    help: ArgumentHelp("A TREC run instead of a dataset.", valueName: "file"))
  var runFile: String?

  @Option(help: ArgumentHelp("The judgements, as TREC writes them.", valueName: "file"))
  var qrels: String

  @Option(name: .customShort("k"), help: ArgumentHelp("Documents a question.", valueName: "count"))
  var limit = 100

  @Option(help: "Rank by words, by vectors, or by both (default: both where there are vectors).")
  var mode: SearchRequest.Mode?

  @Option(
    help: ArgumentHelp(
      "A measure, may be given several times: ndcg@K, recall@K, mrr, mrr@K, map.",
      valueName: "measure"))
  var measure: [String] = []

  @OptionGroup var store: StoreOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard (dataset == nil) != (runFile == nil) else {
      throw ValidationError("name a dataset or a --run")
    }
    guard (dataset == nil) == (queries == nil) else {
      throw ValidationError("--queries goes with a dataset")
    }
    guard SearchRequest.limitRange.contains(limit) else {
      throw ValidationError("-k must be 1 to \(SearchRequest.limitRange.upperBound)")
    }
    for name in measure where RankingMeasure(name) == nil {
      throw ValidationError(
        "\(name) is no measure: ndcg@K, recall@K, mrr, mrr@K or map, K from 1 to 1000000")
    }
  }

  private struct Line: Encodable {
    var questions: Int
    var unanswered: Int
    var unjudged: Int
    var measures: [String: Double]
  }

  func run() throws {
    Interruption.watch()
    let qrels = try Qrels(
      parsing: DurableFile.read(self.qrels, limit: 1 << 30), file: self.qrels)
    let evaluation = Evaluation(of: try rankings(), by: qrels)
    let measures =
      measure.isEmpty ? RankingMeasure.standard : measure.compactMap(RankingMeasure.init)
    switch output.format {
    case .json:
      try JSONLine.print(
        Line(
          questions: evaluation.questions, unanswered: evaluation.unansweredQuestions,
          unjudged: evaluation.unjudgedQuestions,
          measures: Dictionary(
            measures.map { ($0.description, evaluation.mean($0)) }, uniquingKeysWith: { $1 })))
    case .text:
      TextTable.print(
        [["measure", "mean"]]
          + measures.map { [$0.description, decimal(evaluation.mean($0))] })
      print(
        "over \(evaluation.questions) questions, \(evaluation.unansweredQuestions) of them without "
          + "an answer")
    }
  }

  private func decimal(_ value: Double) -> String { String(format: "%.4f", value) }

  private func rankings() throws -> [Ranking] {
    if let runFile {
      return try RunFile.rankings(
        parsing: DurableFile.read(runFile, limit: 1 << 30), file: runFile)
    }
    let search = try SearchOpening([dataset!], in: try store.open(.reading), tokenizer: nil).search
    let request = SearchRequest(
      question: Question(text: ""), limit: limit, perDocument: 1,
      mode: mode ?? search.defaultMode)
    var rankings: [Ranking] = []
    try QueryRun(search: search, request: request, vectors: nil, threads: 0)
      .forEachRanking(QueryRun.questions(of: queries!)) { rankings.append($0) }
    return rankings
  }
}
