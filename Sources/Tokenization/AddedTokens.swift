/// A token that is recognised in the text itself, before any other step.
struct AddedToken: Sendable {
  var id: Int32
  var content: [UInt8]
  /// Only where no word character touches it.
  var isSingleWord = false
  /// Takes the white space before it.
  var stripsLeft = false
  /// Takes the white space after it.
  var stripsRight = false
  /// Sought in the normalised text, and normalised itself.
  var isNormalized = false
  /// Left out where special tokens are skipped in decoding.
  var isSpecial = false
}

/// Finds added tokens in text: the leftmost, and of several that begin there the longest, as
/// Hugging Face `tokenizers` does.
///
/// - Complexity: one step a byte where no token begins; a walk down the trie where one could.
struct AddedTokenMatcher: Sendable {
  private let tokens: [AddedToken]
  /// Bytes that some token begins with.
  private var isFirst = [Bool](repeating: false, count: 256)
  /// node << 8 | byte -> node; node 0 is the root.
  private var edges: [Int: Int] = [:]
  /// Index into `tokens` by node; -1 where no token ends.
  private var ends: [Int] = [-1]

  /// - Parameter texts: what to seek, one a token; empty texts are never found.
  init(_ tokens: [AddedToken], texts: [[UInt8]]) {
    self.tokens = tokens
    for (index, text) in texts.enumerated() where !text.isEmpty {
      isFirst[Int(text[0])] = true
      var node = 0
      for byte in text {
        let edge = node << 8 | Int(byte)
        if let child = edges[edge] {
          node = child
        } else {
          edges[edge] = ends.count
          node = ends.count
          ends.append(-1)
        }
      }
      if ends[node] < 0 { ends[node] = index }
    }
  }

  var isEmpty: Bool { edges.isEmpty }

  /// Cuts `range` of a text at its added tokens, in order: pieces of text that are not empty go
  /// to `text`, ids to `token`. Words and white space around a token are looked for only inside
  /// the range.
  @inline(__always)
  func split<E: Error>(
    _ base: UnsafePointer<UInt8>, _ range: Range<Int>,
    text: (Range<Int>) throws(E) -> Void, token: (Int32) -> Void
  ) throws(E) {
    var done = range.lowerBound
    var position = range.lowerBound
    while let (index, match) = firstMatch(base, position..<range.upperBound) {
      position = match.upperBound
      let found = tokens[index]
      if found.isSingleWord, touchesWord(base, match, in: range) { continue }
      var start = match.lowerBound
      var end = match.upperBound
      if found.stripsLeft {
        start = max(done, UnicodeText.whitespaceStart(base, range.lowerBound, start))
      }
      if found.stripsRight { end = UnicodeText.whitespaceEnd(base, end, range.upperBound) }
      if done < start { try text(done..<start) }
      // Of a token that is white space, the one before it may have taken everything.
      if start < end { token(found.id) }
      done = end
    }
    if done < range.upperBound { try text(done..<range.upperBound) }
  }

  private func firstMatch(
    _ base: UnsafePointer<UInt8>, _ range: Range<Int>
  ) -> (index: Int, match: Range<Int>)? {
    isFirst.withUnsafeBufferPointer { isFirst in
      var start = range.lowerBound
      while start < range.upperBound {
        if isFirst[Int(base[start])], let (index, end) = longest(base, start, range.upperBound) {
          return (index, start..<end)
        }
        start &+= 1
      }
      return nil
    }
  }

  private func longest(
    _ base: UnsafePointer<UInt8>, _ start: Int, _ limit: Int
  ) -> (index: Int, end: Int)? {
    var node = 0
    var best: (index: Int, end: Int)?
    var position = start
    while position < limit, let child = edges[node << 8 | Int(base[position])] {
      node = child
      position += 1
      if ends[node] >= 0 { best = (ends[node], position) }
    }
    return best
  }

  private func touchesWord(
    _ base: UnsafePointer<UInt8>, _ match: Range<Int>, in range: Range<Int>
  ) -> Bool {
    (match.lowerBound > range.lowerBound
      && UnicodeText.isWord(base, at: UTF8Text.previous(base, match.lowerBound)))
      || (match.upperBound < range.upperBound && UnicodeText.isWord(base, at: match.upperBound))
  }
}
