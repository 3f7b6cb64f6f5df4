/// What one thread needs to encode: the tokenizer's tables and working memory of its own.
struct EncodingSession {
  private let tables: Tokenizer.Tables
  private let matching = PerlMatcher.Scratch()
  private var merging = BytePairEncoder.Scratch()
  private var cache = WordCache()
  private var output: [Int32] = []

  init(_ tables: Tokenizer.Tables) { self.tables = tables }

  /// Appends the tokens of a text, which must be well-formed UTF-8.
  mutating func encode(
    _ text: UnsafeBufferPointer<UInt8>, into ids: inout [Int32]
  ) throws(TokenizationError) {
    guard let base = text.baseAddress else { return }
    swap(&output, &ids)
    defer { swap(&output, &ids) }
    let written = output.count
    do throws(TokenizationError) {
      try encodeText(base, text.count)
    } catch {
      output.removeLast(output.count - written)
      throw error
    }
  }

  private mutating func encodeText(
    _ base: UnsafePointer<UInt8>, _ count: Int
  ) throws(TokenizationError) {
    guard !tables.rawTokens.isEmpty else { return try normalize(base, count) }
    var found: [Int32] = []
    try tables.rawTokens.split(base, 0..<count) { piece throws(TokenizationError) in
      output.append(contentsOf: found)
      found.removeAll(keepingCapacity: true)
      try normalize(base + piece.lowerBound, piece.count)
    } token: {
      found.append($0)
    }
    output.append(contentsOf: found)
  }

  private mutating func normalize(
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

  private mutating func findNormalizedTokens(
    _ base: UnsafePointer<UInt8>, _ count: Int
  ) throws(TokenizationError) {
    guard !tables.normalizedTokens.isEmpty else { return try preTokenize(0, base, count) }
    var found: [Int32] = []
    try tables.normalizedTokens.split(base, 0..<count) { piece throws(TokenizationError) in
      output.append(contentsOf: found)
      found.removeAll(keepingCapacity: true)
      try preTokenize(0, base + piece.lowerBound, piece.count)
    } token: {
      found.append($0)
    }
    output.append(contentsOf: found)
  }

  private mutating func preTokenize(
    _ step: Int, _ base: UnsafePointer<UInt8>, _ count: Int
  ) throws(TokenizationError) {
    guard step < tables.preTokenizers.count else { return encodeWord(base, count) }
    switch tables.preTokenizers[step] {
    case .split(let matcher, let behavior, let inverted):
      try matcher.split(base, count: count, behavior, inverted: inverted, matching) {
        piece throws(TokenizationError) in
        try preTokenize(step + 1, base + piece.lowerBound, piece.count)
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
  private mutating func encodeWord(_ base: UnsafePointer<UInt8>, _ count: Int) {
    let word = UnsafeBufferPointer(start: base, count: count)
    guard count > 0, count <= WordCache.wordLimit else {
      return tables.encoder.encode(word, &merging, into: &output)
    }
    let key = WordCache.Key(base, count)
    if cache.append(key, to: &output) { return }
    let start = output.count
    tables.encoder.encode(word, &merging, into: &output)
    cache.insert(key, output[start...])
  }
}
