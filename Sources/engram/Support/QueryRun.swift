import Files
import Foundation
import Questions
import RankingMeasures
import Retrieval
import Storage

/// A file of questions, answered on several threads.
struct QueryRun {
  let search: Search
  /// What is asked, but for the question.
  let request: SearchRequest
  let vectors: QuestionVectors?
  let threads: Int

  /// Questions whose answers are in memory at once.
  private static let portion = 1024

  /// Calls `body` with the answer to each question, in order: documents, each once.
  ///
  /// A question without a word has no answers.
  func forEachRanking(_ questions: [NamedQuestion], _ body: (Ranking) throws -> Void) throws {
    if let vectors, vectors.count != questions.count {
      throw CommandError(
        "the vectors have \(vectors.count) rows, there are \(questions.count) questions",
        hint: "give one for each")
    }
    let bar = ProgressBar("answering", rate: { "\(Int($0)) questions/s" })
    defer { bar.clear() }
    let threads = threads > 0 ? threads : ProcessInfo.processInfo.activeProcessorCount
    for start in stride(from: 0, to: questions.count, by: Self.portion) {
      let end = min(questions.count, start + Self.portion)
      let rankings = try Workers.map(end - start, threads: threads) { index, _ in
        try Interruption.check()
        return try ranking(questions[start + index], vector: vectors?.vector(start + index))
      }
      for ranking in rankings { try body(ranking) }
      try bar.update(end, questions.count)
    }
  }

  private func ranking(_ question: NamedQuestion, vector: [Float]?) throws -> Ranking {
    var request = request
    request.question = question.question
    request.vector = vector
    let answer: SearchAnswer
    do {
      answer = try search.answer(request)
    } catch RetrievalError.noWords {
      return Ranking(question: question.id, documents: [])
    }
    var seen = Set<String>()
    let documents = try answer.hits.compactMap { hit -> (name: String, score: Double)? in
      let name = try answer.documentName(hit)
      return seen.insert(name).inserted ? (name, hit.score) : nil
    }
    return Ranking(question: question.id, documents: documents)
  }

  /// Reads a file of questions and says where quotes were taken for plain text.
  static func questions(of path: String) throws -> [NamedQuestion] {
    let file = try QuestionFile(path: path)
    if let first = file.plainLines.first {
      StandardStreams.note(
        "engram: \(path): quotes do not close in \(file.plainLines.count) lines, the first is "
          + "\(first); they were read as plain words")
    }
    return file.questions
  }

  /// Writes a TREC run.
  ///
  /// - Parameter path: a file, which is there whole or not at all; `-` for standard output.
  func write(questions file: String, to path: String) throws {
    let questions = try Self.questions(of: file)
    let writer = RunWriter(tag: "engram")
    guard path != "-" else {
      try forEachRanking(questions) { print(writer.lines(of: $0), terminator: "") }
      return
    }
    let temporary = path + ".tmp-\(getpid())"
    let output = try FileWriter(creating: temporary)
    do {
      try forEachRanking(questions) { ranking in
        try Array(writer.lines(of: ranking).utf8).withUnsafeBytes { try output.append($0) }
      }
      try output.finish()
      try DurableFile.rename(temporary, to: path)
    } catch {
      try? DurableFile.remove(temporary)
      throw error
    }
    StandardStreams.note("engram: answered \(questions.count) questions to \(path)")
  }
}
