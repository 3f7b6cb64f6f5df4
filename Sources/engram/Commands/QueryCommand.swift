import ArgumentParser
import Datasets
import Foundation
import Questions
import Retrieval
import Serving
import Storage
import Tokenization

/// Passages that answer a question.
struct QueryCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "query",
    abstract: "Find the passages that answer a question.",
    discussion: """
      Words are ranked by BM25. What stands in "double quotes" has to be in a passage word by word. \
      --where asks for documents: FIELD=VALUE (with * and ? as wildcards), !=, <, <=, >, >=; \
      `engram index show` lists the fields, `path` always works.

        engram query "how do I disable a cgroup controller" --dataset docs
        engram query '"page cache" writeback' --dataset docs --where 'path=admin-guide/*' -k 5
        engram query "内存 回收" --dataset docs --dataset notes --format json
        engram query "what is a slab" --dataset docs --format context --max-tokens 1000
        engram query --dataset docs --queries questions.jsonl --out run.trec -k 100
      """)

  @Argument(help: ArgumentHelp("The question.", valueName: "question"))
  var question: String?

  @Option(
    help: ArgumentHelp("DATASET or DATASET@V; may be given several times.", valueName: "dataset"))
  var dataset: [String] = []

  @Option(name: .customShort("k"), help: ArgumentHelp("The most passages.", valueName: "count"))
  var limit = 10

  @Option(
    help: ArgumentHelp(
      "The most passages of one document; 0 for any number (default: 2, 1 with --queries).",
      valueName: "count"))
  var perDocument: Int?

  @Option(
    name: .customLong("where"),
    help: ArgumentHelp("A condition on metadata; all have to be met.", valueName: "condition"))
  var conditions: [String] = []

  @Option(help: "Rank by words, by vectors, or by both (default: both where there are vectors).")
  var mode: SearchRequest.Mode?

  @Option(
    help: ArgumentHelp(
      "The question's vector, for vectors of your own: .npy or .safetensors with one row (one for "
        + "each question with --queries).", valueName: "file"))
  var vector: String?

  @Flag(help: "Show each word's part of the scores.")
  var explainScore = false

  @Option(
    help: "Print text for people, JSON lines, or numbered and cited passages for a prompt.")
  var format: QueryFormat = .text

  @Option(help: ArgumentHelp("Tokens of a context.", valueName: "count"))
  var maxTokens = 2000

  @Option(
    help: ArgumentHelp(
      "The tokenizer.json that counts a context's tokens (default: one for every 3 bytes), and "
        + "that samples of tokens are of.", valueName: "file"))
  var tokenizer: String?

  @Option(
    help: ArgumentHelp(
      "A file of questions, JSON lines: {\"id\":..,\"text\":..}.", valueName: "file"))
  var queries: String?

  @Option(help: ArgumentHelp("Where the TREC run goes; - for standard output.", valueName: "file"))
  var out: String?

  @Option(help: ArgumentHelp("Threads for --queries (default: one a core).", valueName: "count"))
  var threads: Int?

  @OptionGroup var store: StoreOptions

  func validate() throws {
    if dataset.isEmpty { throw ValidationError("name a dataset with --dataset") }
    guard (question == nil) != (queries == nil) else {
      throw ValidationError("give a question or --queries FILE")
    }
    guard (queries == nil) == (out == nil) else {
      throw ValidationError("--queries and --out go together")
    }
    guard SearchRequest.limitRange.contains(limit) else {
      throw ValidationError("-k must be 1 to \(SearchRequest.limitRange.upperBound)")
    }
    if let perDocument, perDocument < 0 {
      throw ValidationError("--per-document must be 0 or more")
    }
    guard (1...10_000_000).contains(maxTokens) else {
      throw ValidationError("--max-tokens must be 1 to 10000000")
    }
    if let threads, !(1...1024).contains(threads) {
      throw ValidationError("--threads must be 1 to 1024")
    }
  }

  func run() throws {
    let conditions = try conditions.map { try Condition(parsing: $0) }
    let parsed = try question.map { try Question(parsing: $0) }
    let tokenizer = try tokenizer.map { try Tokenizer(path: $0) }
    let store = try store.open(.reading)
    let search = try SearchOpening(dataset, in: store, tokenizer: tokenizer).search
    let mode = mode ?? search.defaultMode
    let vectors = try vector.map { try QuestionVectors(path: $0) }
    var request = SearchRequest(
      question: parsed ?? Question(text: ""), limit: limit,
      perDocument: perDocument ?? (queries == nil ? SearchRequest.defaultPerDocument : 1),
      conditions: conditions, mode: mode)
    if let queries, let out {
      Interruption.watch()
      try QueryRun(
        search: search, request: request, vectors: vectors, threads: threads ?? 0
      ).write(questions: queries, to: out)
      return
    }
    request.vector = try vectors?.only()
    let answer = try search.answer(request)
    try show(answer, question: request.question, tokenizer: tokenizer)
  }

  private func show(
    _ answer: SearchAnswer, question: Question, tokenizer: Tokenizer?
  ) throws {
    switch format {
    case .json:
      for (rank, hit) in answer.hits.enumerated() {
        try JSONLine.print(
          PassageLine(
            answer.passage(hit), rank: rank + 1,
            parts: explainScore ? try answer.parts(of: hit) : nil))
      }
    case .context:
      let context = try PromptContext(
        answer.passages(), limit: maxTokens, tokenizer: tokenizer)
      print(context.text, terminator: "")
    case .text:
      try PassagePrinter(answer: answer, question: question, explainsScores: explainScore).print()
    }
  }
}

/// How answers are printed.
enum QueryFormat: String, ExpressibleByArgument, CaseIterable {
  case text
  case json
  case context
}

extension SearchRequest.Mode: ExpressibleByArgument {}
