/// What one thread needs to encode: the tokenizer's tables and working memory of its own.
///
/// Not for two threads at a time.
final class SubwordSession {
  private let tables: SubwordTables
  private let matching = PerlMatcher.Scratch()
  private let searching = UnigramModel.Scratch()
  private let cache = WordCache()
  private let output = TokenBuffer()
  /// Whether the pieces of the first step become the same tokens wherever they stand.
  private let cachesPieces: Bool

  init(_ tables: SubwordTables) {
    self.tables = tables
    cachesPieces =
      tables.preTokenizers.count > 1 && !tables.preTokenizers.contains(where: \.looksAtPlace)
  }

  /// The tokens of a text, which must be well-formed UTF-8; valid until the next call.
  func encode(
    _ text: UnsafeBufferPointer<UInt8>
  ) throws(TokenizationError) -> UnsafeBufferPointer<Int32> {
    output.removeAll()
    guard let base = text.baseAddress else { return output.ids }
    try tables.rawTokens.split(base, 0..<text.count) { piece throws(TokenizationError) in
      let bytes = Array(UnsafeBufferPointer(start: base + piece.lowerBound, count: piece.count))
      let normalized = try SubwordNormalizer.normalized(bytes, tables.normalizers, matching)
      try normalized.withUnsafeBufferPointer { buffer throws(TokenizationError) in
        guard let base = buffer.baseAddress else { return }
        try findNormalizedTokens(base, buffer.count, isFirst: piece.lowerBound == 0)
      }
    } token: {
      output.append($0)
    }
    return output.ids
  }

  private func findNormalizedTokens(
    _ base: UnsafePointer<UInt8>, _ count: Int, isFirst: Bool
  ) throws(TokenizationError) {
    try tables.normalizedTokens.split(base, 0..<count) { piece throws(TokenizationError) in
      try preTokenize(
        0, base + piece.lowerBound, piece.count, isFirst: isFirst && piece.lowerBound == 0)
    } token: {
      output.append($0)
    }
  }

  /// Takes a piece through the steps from `step` on; empty pieces are dropped.
  private func preTokenize(
    _ step: Int, _ base: UnsafePointer<UInt8>, _ count: Int, isFirst: Bool
  ) throws(TokenizationError) {
    guard count > 0 else { return }
    if step == 1, cachesPieces, count <= WordCache.wordLimit {
      let key = WordCache.Key(base, count)
      if cache.append(key, to: output) { return }
      let start = output.count
      try apply(step, base, count, isFirst: isFirst)
      let tokens = output.ids[start...]
      cache.insert(key, tokens)
    } else {
      try apply(step, base, count, isFirst: isFirst)
    }
  }

  private func apply(
    _ step: Int, _ base: UnsafePointer<UInt8>, _ count: Int, isFirst: Bool
  ) throws(TokenizationError) {
    guard step < tables.preTokenizers.count else {
      return try tables.model.encode(
        UnsafeBufferPointer(start: base, count: count), searching, into: output)
    }
    func pass(_ piece: Range<Int>) throws(TokenizationError) {
      try preTokenize(
        step + 1, base + piece.lowerBound, piece.count,
        isFirst: isFirst && piece.lowerBound == 0)
    }
    switch tables.preTokenizers[step] {
    case .whitespace:
      try cut(base, count, at: UnicodeText.isWhitespace, keeping: false, pass)
    case .punctuation:
      try cut(base, count, at: SubwordPreTokenizer.isPunctuation, keeping: true, pass)
    case .words: try cutWords(base, count, pass)
    case .split(let matcher, let behavior, let inverted):
      var pieces = SplitPieces(base, count: count, behavior, inverted: inverted)
      while let piece = try pieces.next(matcher, matching) { try pass(piece) }
    case .metaspace(let replacement, let prepending, let splits):
      try metaspace(
        step, UnsafeBufferPointer(start: base, count: count), replacement,
        prepends: prepending == .always || (prepending == .first && isFirst), splits: splits,
        isFirst: isFirst)
    }
  }

  /// Cuts a piece at characters, each of which is a piece of its own where it is kept.
  private func cut(
    _ base: UnsafePointer<UInt8>, _ count: Int, at isCut: (UInt32) -> Bool, keeping: Bool,
    _ pass: (Range<Int>) throws(TokenizationError) -> Void
  ) throws(TokenizationError) {
    var start = 0
    var position = 0
    while position < count {
      let (value, length) = UTF8Text.scalar(base, position)
      if isCut(value) {
        if start < position { try pass(start..<position) }
        if keeping { try pass(position..<position + length) }
        start = position + length
      }
      position += length
    }
    if start < count { try pass(start..<count) }
  }

  /// Cuts out the runs of word characters, and of those that are neither that nor white space.
  private func cutWords(
    _ base: UnsafePointer<UInt8>, _ count: Int,
    _ pass: (Range<Int>) throws(TokenizationError) -> Void
  ) throws(TokenizationError) {
    var start = 0
    var position = 0
    var isWordRun = false
    while position < count {
      let (value, length) = UTF8Text.scalar(base, position)
      let isSpace = UnicodeText.isWhitespace(value)
      let isWord = !isSpace && UnicodeText.isWord(base, at: position)
      if isSpace || isWord != isWordRun {
        if start < position { try pass(start..<position) }
        start = isSpace ? position + length : position
        isWordRun = isWord
      }
      position += length
    }
    if start < count { try pass(start..<count) }
  }

  private func metaspace(
    _ step: Int, _ piece: UnsafeBufferPointer<UInt8>, _ replacement: [UInt8], prepends: Bool,
    splits: Bool, isFirst: Bool
  ) throws(TokenizationError) {
    var text: [UInt8] = []
    text.reserveCapacity(piece.count + replacement.count)
    for byte in piece {
      if byte == 0x20 { text += replacement } else { text.append(byte) }
    }
    if prepends, !text.starts(with: replacement) { text = replacement + text }
    let bytes = text
    try bytes.withUnsafeBufferPointer { buffer throws(TokenizationError) in
      guard let base = buffer.baseAddress else { return }
      var start = 0
      var position = splits ? 1 : buffer.count
      while position < buffer.count {
        if buffer[position...].starts(with: replacement) {
          try preTokenize(
            step + 1, base + start, position - start, isFirst: isFirst && start == 0)
          start = position
        }
        position += 1
      }
      try preTokenize(
        step + 1, base + start, buffer.count - start, isFirst: isFirst && start == 0)
    }
  }
}
