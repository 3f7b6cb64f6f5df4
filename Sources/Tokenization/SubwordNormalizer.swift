/// One step of normalising text for a `SubwordTokenizer`, as Hugging Face `tokenizers` does it.
enum SubwordNormalizer: Sendable {
  case form(UnicodeText.Form)
  case lowercase
  case withoutMarks
  case strip(left: Bool, right: Bool)
  case prepend([UInt8])
  case replace(PatternMatcher, with: [UInt8])
  case characterMap(CharacterMap)
  case bert(BertNormalizer)

  /// The text after some steps; both are well-formed UTF-8.
  ///
  /// - Throws: `TokenizationError.textTooLong` where a hostile file makes much more of a text than
  ///   any file in use does.
  static func normalized(
    _ text: [UInt8], _ steps: [SubwordNormalizer], _ scratch: PerlMatcher.Scratch
  ) throws(TokenizationError) -> [UInt8] {
    let limit = min(Tokenizer.textLimit, 64 * text.count + 4096)
    var result = text
    for step in steps {
      result = try step.normalized(result, limit: limit, scratch)
      try check(result, limit)
    }
    return result
  }

  private static func check(_ text: [UInt8], _ limit: Int) throws(TokenizationError) {
    guard text.count <= limit else { throw .textTooLong(count: text.count, limit: limit) }
  }

  private func normalized(
    _ text: [UInt8], limit: Int, _ scratch: PerlMatcher.Scratch
  ) throws(TokenizationError) -> [UInt8] {
    switch self {
    case .form(let form): return UnicodeText.normalized(text, form)
    case .lowercase: return UnicodeText.lowercasedByScalar(text)
    case .withoutMarks: return UnicodeText.withoutMarks(text)
    case .strip(let left, let right): return UnicodeText.stripping(text, left: left, right: right)
    case .prepend(let front): return text.isEmpty ? text : front + text
    case .replace(let matcher, let replacement):
      return try Self.replace(text, matcher, with: replacement, limit: limit, scratch)
    case .characterMap(let map):
      var result: [UInt8] = []
      result.reserveCapacity(text.count + 16)
      try text.withUnsafeBufferPointer { buffer throws(TokenizationError) in
        try map.append(buffer, to: &result, limit: limit)
      }
      return result
    case .bert(let bert): return bert.normalized(text)
    }
  }

  private static func replace(
    _ text: [UInt8], _ matcher: PatternMatcher, with replacement: [UInt8], limit: Int,
    _ scratch: PerlMatcher.Scratch
  ) throws(TokenizationError) -> [UInt8] {
    var result: [UInt8] = []
    try text.withUnsafeBufferPointer { buffer throws(TokenizationError) in
      guard let base = buffer.baseAddress else { return }
      var pieces = PatternPieces(base, count: buffer.count)
      while let (piece, isMatch) = try pieces.next(matcher, scratch) {
        if isMatch { result += replacement } else { result += buffer[piece] }
        try check(result, limit)
      }
    }
    return result
  }
}
