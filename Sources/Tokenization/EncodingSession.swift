/// What one thread needs to encode: the tokenizer's tables and working memory of its own.
///
/// Not for two threads at a time.
final class EncodingSession {
  private let tables: Tokenizer.Tables
  private let matching = PerlMatcher.Scratch()
  private let merging = BytePairEncoder.Scratch()
  private let cache = WordCache()
  private let output = TokenBuffer()

  init(_ tables: Tokenizer.Tables) { self.tables = tables }

  /// The tokens of a text, which must be well-formed UTF-8; valid until the next call.
  func encode(
    _ text: UnsafeBufferPointer<UInt8>
  ) throws(TokenizationError) -> UnsafeBufferPointer<Int32> {
    output.removeAll()
    guard let base = text.baseAddress else { return output.ids }
    try tables.rawTokens.split(base, 0..<text.count) { piece throws(TokenizationError) in
      try normalize(base + piece.lowerBound, piece.count)
    } token: {
      output.append($0)
    }
    return output.ids
  }

  private func normalize(
    _ base: UnsafePointer<UInt8>, _ count: Int
  ) throws(TokenizationError) {
    let text = UnsafeBufferPointer(start: base, count: count)
    guard !tables.normalizers.isEmpty, !UTF8Text.isASCII(text) else {
      return try findNormalizedTokens(base, count)
    }
    var normalized = Array(text)
    for form in tables.normalizers { normalized = UnicodeText.normalized(normalized, form) }
    let bytes = normalized
    try bytes.withUnsafeBufferPointer { buffer throws(TokenizationError) in
      guard let base = buffer.baseAddress else { return }
      try findNormalizedTokens(base, buffer.count)
    }
  }

  private func findNormalizedTokens(
    _ base: UnsafePointer<UInt8>, _ count: Int
  ) throws(TokenizationError) {
    try tables.normalizedTokens.split(base, 0..<count) { piece throws(TokenizationError) in
      try preTokenize(0, base + piece.lowerBound, piece.count)
    } token: {
      output.append($0)
    }
  }

  private func preTokenize(
    _ step: Int, _ base: UnsafePointer<UInt8>, _ count: Int
  ) throws(TokenizationError) {
    guard step < tables.preTokenizers.count else { return encodeWord(base, count) }
    switch tables.preTokenizers[step] {
    case .split(let matcher, let behavior, let inverted):
      var pieces = SplitPieces(base, count: count, behavior, inverted: inverted)
      if step + 1 == tables.preTokenizers.count {
        while let piece = try pieces.next(matcher, matching) {
          encodeWord(base + piece.lowerBound, piece.count)
        }
      } else {
        while let piece = try pieces.next(matcher, matching) {
          try preTokenize(step + 1, base + piece.lowerBound, piece.count)
        }
      }
    case .prefixSpace:
      guard count > 0, base[0] != UInt8(ascii: " ") else {
        return try preTokenize(step + 1, base, count)
      }
      let text = [UInt8(ascii: " ")] + UnsafeBufferPointer(start: base, count: count)
      try text.withUnsafeBufferPointer { buffer throws(TokenizationError) in
        guard let base = buffer.baseAddress else { return }
        try preTokenize(step + 1, base, buffer.count)
      }
    }
  }

  @inline(__always)
  private func encodeWord(_ base: UnsafePointer<UInt8>, _ count: Int) {
    let word = UnsafeBufferPointer(start: base, count: count)
    guard count > 0, count <= WordCache.wordLimit else {
      return tables.encoder.encode(word, merging, into: output)
    }
    let key = WordCache.Key(base, count)
    if cache.append(key, to: output) { return }
    let start = output.count
    tables.encoder.encode(word, merging, into: output)
    cache.insert(key, output.ids[start...])
  }
}
