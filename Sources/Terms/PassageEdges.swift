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
      of: Int(first.start), from: lowest, first.bound, text)..<end(
        of: Int(last.start) + Int(last.length), before: next, text)
  }

  /// Back to the white space before the word; at a line's beginning, over single spaces too, as
  /// in `# Title`.
  private static func start(
    of word: Int, from lowest: Int, _ bound: Words.Bound, _ text: UnsafeRawBufferPointer
  ) -> Int {
    var start = word
    let lowest = max(lowest, word - limit)
    scan: while start > lowest {
      switch text[start - 1] {
      case UInt8(ascii: " "):
        guard bound == .line || bound == .paragraph, start - 1 > lowest,
          text[start - 2] > UInt8(ascii: " "), !isWordByte(text[start - 2])
        else { break scan }
      case 0...UInt8(ascii: " "): break scan
      case let byte where isWordByte(byte): break scan
      default: break
      }
      start -= 1
    }
    while start < word, text[start] & 0xC0 == 0x80 { start += 1 }
    return start
  }

  /// Behind the punctuation that follows the word, up to white space or half of what stands
  /// between it and the next word.
  private static func end(
    of word: Int, before next: Int, _ text: UnsafeRawBufferPointer
  ) -> Int {
    var end = word
    let highest = min(next, word + limit)
    while end < highest, text[end] > UInt8(ascii: " ") { end += 1 }
    // What touches the next word is an opening bracket as likely as not: the word keeps it.
    if end == next {
      end = word
      if end < next, !isOpening(text[end]) { end += 1 }
    }
    while end > word, end < text.count, text[end] & 0xC0 == 0x80 { end -= 1 }
    return end
  }

  private static func isOpening(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: "(") || byte == UInt8(ascii: "[") || byte == UInt8(ascii: "{")
      || byte == UInt8(ascii: "<") || byte >= 0x80
  }

  private static func isWordByte(_ byte: UInt8) -> Bool {
    switch byte | 0x20 {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"): true
    default: false
    }
  }
}
