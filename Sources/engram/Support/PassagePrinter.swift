import Foundation
import Questions
import Retrieval

/// An answer for people: each passage's place and text, the question's words highlighted where
/// standard output is a terminal.
struct PassagePrinter {
  let answer: SearchAnswer
  let question: Question
  let explainsScores: Bool

  private static let bold = "\u{1B}[1m"
  private static let dim = "\u{1B}[2m"
  private static let plain = "\u{1B}[0m"
  private let isColoured =
    isatty(STDOUT_FILENO) == 1 && ProcessInfo.processInfo.environment["NO_COLOR"] == nil

  init(answer: SearchAnswer, question: Question, explainsScores: Bool) {
    self.answer = answer
    self.question = question
    self.explainsScores = explainsScores
  }

  func print() throws {
    guard !answer.hits.isEmpty else {
      Swift.print("nothing found")
      return
    }
    for (number, hit) in answer.hits.enumerated() {
      if number > 0 { Swift.print("") }
      let passage = try answer.passage(hit)
      Swift.print(
        "\(number + 1). " + styled(SingleLine.text(passage.title), Self.bold)
          + String(format: "  %.3f", passage.score))
      Swift.print(
        "   "
          + styled(
            "\(SingleLine.text(passage.source))  \(passage.dataset) sample \(passage.sample), bytes "
              + "\(passage.range.lowerBound)-\(passage.range.upperBound)", Self.dim))
      let text = Self.printable(passage.text)
      for line in highlighted(text, hit).split(separator: "\n", omittingEmptySubsequences: false) {
        Swift.print("   " + line)
      }
      if explainsScores { try printParts(of: hit) }
    }
  }

  private func printParts(of hit: SearchHit) throws {
    for part in try answer.parts(of: hit) {
      Swift.print(
        "   "
          + String(
            format: "%.3f", part.score)
          + "  \(part.term): \(part.frequency) here, in \(part.passages) passages, "
          + "idf \(String(format: "%.2f", part.idf)), \(part.length) words of "
          + "\(Int(part.averageLength.rounded())) on average")
    }
  }

  private func styled(_ text: String, _ style: String) -> String {
    isColoured ? style + text + Self.plain : text
  }

  /// The text with the question's words in bold.
  private func highlighted(_ text: String, _ hit: SearchHit) -> String {
    guard isColoured else { return text }
    var result = ""
    var position = text.utf8.startIndex
    for range in answer.matches(of: question, in: text, hit: hit) {
      let start = text.utf8.index(text.utf8.startIndex, offsetBy: range.lowerBound)
      let end = text.utf8.index(text.utf8.startIndex, offsetBy: range.upperBound)
      result += text[position..<start] + Self.bold + text[start..<end] + Self.plain
      position = end
    }
    return result + text[position...]
  }

  /// Text whose control characters do nothing to a terminal; lines stay.
  private static func printable(_ text: String) -> String {
    var result = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\n", "\t": result.append(scalar)
      case "\r": continue
      default:
        if scalar.properties.generalCategory == .control {
          result.append("\u{FFFD}")
        } else {
          result.append(scalar)
        }
      }
    }
    return String(result)
  }
}
