import CUnicode

/// Where passages begin and end around their first and last words.
enum PassageEdges {
  /// The most bytes of punctuation that a passage has before its first or behind its last word.
  private static let limit = 64

  /// The bytes of a stretch of words: from its first, or from what stands directly before it, to
  /// the end of its last and what stands directly behind it.
  ///
  /// - Parameter lowest: where the passage before ends.
  static func bytes(
    of range: Range<Int>, _ words: [Words.Word], text: UnsafeRawBufferPointer, from lowest: Int
  ) -> Range<Int> {
    let first = words[range.lowerBound]
    let last = words[range.upperBound - 1]
    let next = range.upperBound < words.count ? Int(words[range.upperBound].start) : text.count
    return start(
      of: Int(first.start), from: lowest, text)..<end(
        of: Int(last.start) + Int(last.length), before: next, text)
  }

  /// The beginning of the word's line, where there is only punctuation before it (`# Title`, `- item`);
  /// else that of the punctuation that touches it.
  private static func start(
    of word: Int, from lowest: Int, _ text: UnsafeRawBufferPointer
  ) -> Int {
    let lowest = max(lowest, word - limit)
    var start = word
    while start > lowest, text[start - 1] != newline, !isLetter(text[start - 1]) { start -= 1 }
    if start == 0 || text[start - 1] == newline {
      while start < word, text[start] <= space { start += 1 }
    } else {
      start = word
      while start > lowest, text[start - 1] > space, !isLetter(text[start - 1]) { start -= 1 }
    }
    while start < word, text[start] & 0xC0 == 0x80 { start += 1 }
    return start
  }

  /// Behind the punctuation that follows the word, up to white space; where the next word follows
  /// without any, that one keeps its opening brackets and quotes.
  private static func end(
    of word: Int, before next: Int, _ text: UnsafeRawBufferPointer
  ) -> Int {
    let highest = min(next, word + limit)
    var end = word
    while end < highest, text[end] > space { end += 1 }
    while end > word, end < text.count, text[end] & 0xC0 == 0x80 { end -= 1 }
    guard end == next, next < text.count else { return end }
    while end > word {
      var start = end - 1
      while start > word, text[start] & 0xC0 == 0x80 { start -= 1 }
      guard isOpening(text, start..<end) else { break }
      end = start
    }
    return end
  }

  private static func isOpening(_ text: UnsafeRawBufferPointer, _ range: Range<Int>) -> Bool {
    let bytes = UnsafeRawBufferPointer(rebasing: text[range]).bindMemory(to: UInt8.self)
    var length = 0
    let value = engram_scalar(bytes.baseAddress, bytes.count, &length)
    guard value >= 0, let scalar = Unicode.Scalar(UInt32(value)) else { return false }
    return switch scalar {
    case "<", "#", "@", "$", "&", "\\": true
    default:
      scalar.properties.generalCategory == .openPunctuation
        || scalar.properties.generalCategory == .initialPunctuation
    }
  }

  private static let newline = UInt8(ascii: "\n")
  private static let space = UInt8(ascii: " ")

  private static func isLetter(_ byte: UInt8) -> Bool {
    switch byte | 0x20 {
    case UInt8(ascii: "a")...UInt8(ascii: "z"): true
    case UInt8(ascii: "0")...UInt8(ascii: "9"): byte >= UInt8(ascii: "0")
    default: false
    }
  }
}
