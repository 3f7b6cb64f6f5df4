import Files
import Questions
import StrictJSON

/// A question of a file: JSON lines `{"id": ..., "text": ...}`.
public struct NamedQuestion: Sendable, Hashable {
  /// Its name: a string, or a number as it is written.
  public var id: String
  /// The question.
  public var question: Question
}

/// A file of questions.
public struct QuestionFile: Sendable {
  /// The questions, in order.
  public private(set) var questions: [NamedQuestion] = []
  /// Lines whose quotes do not close: there they are no sign, and all words are plain.
  public private(set) var plainLines: [Int] = []

  /// The largest file that is read.
  public static let sizeLimit = 1 << 30

  /// Reads a file.
  ///
  /// - Throws: `RetrievalError.badQuestion` with the line, `FileError`.
  public init(path: String) throws {
    let bytes = try DurableFile.read(path, limit: Self.sizeLimit)
    var seen = Set<String>()
    for (index, line) in bytes.split(separator: 0x0A, omittingEmptySubsequences: false).enumerated()
    {
      guard line.contains(where: { $0 != 0x20 && $0 != 0x09 && $0 != 0x0D }) else { continue }
      let number = index + 1
      func bad(_ reason: String) -> RetrievalError {
        .badQuestion(path: path, line: number, reason: reason)
      }
      let root: JSONValue
      do { root = try JSONDocument(Array(line)).root } catch { throw bad("it is no JSON") }
      guard let members = root.members else { throw bad("it is no JSON object") }
      var values: [String: JSONValue] = [:]
      for (name, value) in members { values[String(decoding: name, as: UTF8.self)] = value }
      guard let id = values["id"].flatMap({ $0.text ?? $0.integer.map(String.init) }) else {
        throw bad("it has no \"id\" that is a string or a number")
      }
      guard let text = values["text"]?.text else { throw bad("it has no \"text\"") }
      guard seen.insert(id).inserted else { throw bad("the id \"\(id)\" was there before") }
      var question = Question(text: text)
      if let parsed = try? Question(parsing: text) {
        question = parsed
      } else if text.contains(where: { "\"“”".contains($0) }) {
        plainLines.append(number)
      }
      questions.append(NamedQuestion(id: id, question: question))
    }
  }
}
