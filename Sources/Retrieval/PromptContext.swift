import Foundation
import Tokenization

/// Passages as a prompt takes them: numbered, each with its source, cut to a budget of tokens.
public struct PromptContext: Sendable {
  /// The text.
  public let text: String
  /// Its tokens; an upper estimate where there was no tokenizer.
  public let tokens: Int
  /// The passages that are in it, the last perhaps not whole.
  public let passages: [Passage]

  /// Bytes of a token where there is no tokenizer: few enough for nearly all texts.
  static let estimatedBytes = 3

  /// Puts as many passages as fit, the best first; of the last as many words as fit.
  ///
  /// - Parameter limit: tokens of the whole text.
  /// - Parameter tokenizer: whose tokens are counted; one for every 3 bytes where `nil`.
  /// - Throws: `TokenizationError`.
  public init(_ passages: [Passage], limit: Int, tokenizer: Tokenizer?) throws {
    func count(_ text: String) throws -> Int {
      try tokenizer?.encode(text).count
        ?? (text.utf8.count + Self.estimatedBytes - 1) / Self.estimatedBytes
    }
    var text = ""
    var included: [Passage] = []
    for (index, passage) in passages.enumerated() {
      let heading = Self.heading(index + 1, passage)
      let separator = text.isEmpty ? "" : "\n"
      let whole = text + separator + heading + passage.text + "\n"
      if try count(whole) <= limit {
        text = whole
        included.append(passage)
        continue
      }
      // Where words end, so that a cut passage ends with a whole one.
      let ends = passage.text.indices.filter {
        passage.text[$0].isWhitespace
          && $0 > passage.text.startIndex
          && !passage.text[passage.text.index(before: $0)].isWhitespace
      }
      var (low, high) = (0, ends.count)
      func part(_ end: Int) -> String {
        text + separator + heading + passage.text[..<ends[end]] + " …\n"
      }
      while low < high {
        let middle = (low + high) / 2
        if try count(part(middle)) <= limit { low = middle + 1 } else { high = middle }
      }
      if low > 0 {
        text = part(low - 1)
        included.append(passage)
      }
      break
    }
    self.text = text
    tokens = try count(text)
    self.passages = included
  }

  /// `[1] Title (path, dataset@version, bytes 0-99)`.
  static func heading(_ number: Int, _ passage: Passage) -> String {
    let place = [
      passage.source, passage.dataset.description,
      "bytes \(passage.range.lowerBound)-\(passage.range.upperBound)",
    ].joined(separator: ", ")
    let title = passage.title.split(whereSeparator: \.isNewline).joined(separator: " ")
    return "[\(number)] \(title) (\(place))\n"
  }
}
