import ArgumentParser
import Questions
import Retrieval

/// `engram bench query`: how fast an index is built, and how fast it answers.
struct BenchQueryCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "query",
    abstract: "Measure building an index and answering questions.",
    discussion: """
      With --build, indexes the dataset afresh, in a process of its own, once for each number of \
      threads. With --questions, answers a file of them (JSON lines {"id":..,"text":..}, made by \
      Tools/make-questions) by words alone: latencies of one thread, and questions a second of \
      --threads. Questions are grouped by their number of words; as many passages of one document \
      are allowed as there are. Peers: Tools/peers/query_peers.py; Tools/bench runs both.

        engram bench query docs --build --threads 1
        engram index passages docs > passages.jsonl
        Tools/make-questions passages.jsonl > questions.jsonl
        engram bench query docs --questions questions.jsonl
      """)

  @Argument(help: ArgumentHelp("DATASET or DATASET@V.", valueName: "dataset"))
  var dataset: String

  @Flag(help: "Build the index afresh first.")
  var build = false

  @Option(help: ArgumentHelp("The most words of a passage that is built.", valueName: "count"))
  var passageTokens = IndexOptions.defaultPassageTokens

  @Option(help: ArgumentHelp("How often it is built; the median counts.", valueName: "count"))
  var rounds = 3

  @Option(help: ArgumentHelp("A file of questions.", valueName: "file"))
  var questions: String?

  @Option(name: .customShort("k"), help: ArgumentHelp("Passages an answer.", valueName: "count"))
  var limit = 10

  @Option(help: ArgumentHelp("Numbers of threads.", valueName: "1,2,..."))
  var threads = "1,2"

  @OptionGroup var store: StoreOptions
  @OptionGroup var output: OutputOptions

  private var counts: [Int]? {
    let counts = threads.split(separator: ",", omittingEmptySubsequences: false).map { Int($0) }
    let known = counts.compactMap { $0 }.filter { (1...1024).contains($0) }
    return known.count == counts.count ? known : nil
  }

  func validate() throws {
    guard build || questions != nil else {
      throw ValidationError("give --build, --questions FILE, or both")
    }
    guard (1...99).contains(rounds) else { throw ValidationError("--rounds: 1 to 99") }
    guard counts != nil else { throw ValidationError("--threads: numbers from 1 to 1024") }
    guard SearchRequest.limitRange.contains(limit) else {
      throw ValidationError("-k must be 1 to \(SearchRequest.limitRange.upperBound)")
    }
  }

  func run() throws {
    Interruption.watch()
    let report = BenchReport(format: output.format)
    let counts = counts ?? []
    if build {
      try IndexBench(
        dataset: dataset, store: store.path,
        options: ["--passage-tokens", "\(passageTokens)"], report: report
      ).run(threads: counts, rounds: rounds)
    }
    guard let questions else { return }
    let texts = try QueryRun.questions(of: questions).map(\.question.text)
    let search = try SearchOpening([dataset], in: try store.open(.reading), tokenizer: nil).search
    let request = SearchRequest(
      question: Question(text: ""), limit: limit, perDocument: 0, mode: .lexical)
    try QueryBench(dataset: dataset, search: search, request: request, report: report)
      .run(texts, threads: counts)
  }
}
