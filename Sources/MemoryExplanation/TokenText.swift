import Tokenization

/// A text's tokens, and where each stands in it.
struct TokenText {
  /// The text, as its tokens spell it: what a tokenizer normalises may differ from what was given.
  let bytes: [UInt8]
  /// Ids.
  let ids: [Int32]
  /// Where each token stands in `bytes`.
  let ranges: [Range<Int>]
  /// Whether `bytes` are the ones that were given.
  let isUnchanged: Bool

  /// - Throws: `ExplanationError.notUTF8`, `.noTokens`, `.tooLong`; `TokenizationError`.
  init(_ text: [UInt8], tokenizer: Tokenizer, limit: Int) throws {
    do {
      ids = try text.withUnsafeBufferPointer { try tokenizer.encode(utf8: $0) }
    } catch TokenizationError.invalidUTF8(let offset) {
      throw ExplanationError.notUTF8(offset: offset)
    }
    guard !ids.isEmpty else { throw ExplanationError.noTokens }
    guard ids.count <= limit else {
      throw ExplanationError.tooLong(tokens: ids.count, limit: limit)
    }
    var bytes: [UInt8] = []
    var ranges: [Range<Int>] = []
    for id in ids {
      let start = bytes.count
      bytes += tokenizer.bytes(of: CollectionOfOne(id))
      ranges.append(start..<bytes.count)
    }
    self.bytes = bytes
    self.ranges = ranges
    isUnchanged = bytes == text
  }

  /// The bytes of some neighbouring tokens.
  func range(_ tokens: Range<Int>) -> Range<Int> {
    ranges[tokens.lowerBound].lowerBound..<ranges[tokens.upperBound - 1].upperBound
  }

  /// The text of some neighbouring tokens.
  func text(_ tokens: Range<Int>) -> String {
    String(decoding: bytes[range(tokens)], as: UTF8.self)
  }

  /// The bytes of a token in hexadecimal, where they are not whole characters.
  func hexadecimal(_ token: Int) -> String? {
    let part = bytes[ranges[token]]
    guard String(validating: part, as: UTF8.self) == nil else { return nil }
    return part.map { ($0 < 16 ? "0" : "") + String($0, radix: 16, uppercase: true) }
      .joined(separator: " ")
  }
}
