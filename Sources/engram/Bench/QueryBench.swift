import Dispatch
import Questions
import Retrieval
import Storage

/// Questions to an open index: how long one takes, and how many a second several threads answer.
///
/// What is timed is what a program does for an answer: a text is parsed as a question, searched, and
/// the passages found are named by sample and number. Reading their texts is timed by itself.
struct QueryBench {
  let dataset: String
  let search: Search
  /// What is asked, but for the question.
  let request: SearchRequest
  let report: BenchReport

  /// Questions that are answered before time is taken.
  private static let warming = 100

  /// Measures questions by their number of words, the shortest first.
  func run(_ questions: [String], threads: [Int]) throws {
    let groups = Dictionary(grouping: questions) { $0.split(separator: " ").count }
    for (words, questions) in groups.sorted(by: { $0.key < $1.key }) {
      try Interruption.check()
      for text in questions.prefix(Self.warming) { _ = try answer(text).passages() }
      let times = try latencies(questions) { _ = try answer($0) }
      let what = "\(words) words"
      show("\(what), p50", Self.quantile(times, 0.5), "ms")
      show("\(what), p95", Self.quantile(times, 0.95), "ms")
      let whole = try latencies(questions) { _ = try answer($0).passages() }
      show("\(what), with texts, p50", Self.quantile(whole, 0.5), "ms")
      for count in threads {
        let seconds = try Measure.seconds {
          _ = try Workers.map(questions.count, threads: count) { number, _ in
            try answer(questions[number]).hits.count
          }
        }
        show(
          "\(what), \(count == 1 ? "1 thread" : "\(count) threads")",
          Double(questions.count) / seconds, "questions/s")
      }
    }
  }

  private func answer(_ text: String) throws -> SearchAnswer {
    var request = request
    request.question = try Question(parsing: text)
    return try search.answer(request)
  }

  /// Milliseconds of each question.
  private func latencies(
    _ questions: [String], _ body: (String) throws -> Void
  ) rethrows
    -> [Double]
  {
    try questions.map { text in 1e3 * (try Measure.seconds { try body(text) }) }
  }

  /// The value that this share of the values does not exceed.
  private static func quantile(_ values: [Double], _ share: Double) -> Double {
    let sorted = values.sorted()
    let index = Int((share * Double(sorted.count - 1)).rounded(.up))
    return sorted.indices.contains(index) ? sorted[index] : .nan
  }

  private func show(_ what: String, _ value: Double, _ unit: String) {
    report.print(BenchLine(bench: "query", what: "\(dataset), \(what)", value: value, unit: unit))
  }
}
