import Tokenization

extension PassageCutter {
  /// Units of each word: how many tokens begin between its start and the next word's. Tokens before
  /// the first word are its own.
  ///
  /// Where tokens' bytes are not those of the text (a tokenizer that normalises), they are taken to
  /// be spread over it evenly. In a text that is not UTF-8, four bytes are a token.
  ///
  /// - Throws: `TokenizationError` where the tokenizer gives up on the text.
  public static func weights(
    of words: Words, text: UnsafeRawBufferPointer, tokenizer: Tokenizer
  ) throws -> [UInt16] {
    var weights = [UInt16](repeating: 0, count: words.words.count)
    guard !weights.isEmpty else { return [] }
    var word = 0
    func count(tokenAt offset: Int) {
      while word + 1 < weights.count, Int(words.words[word + 1].start) <= offset { word += 1 }
      if weights[word] < .max { weights[word] += 1 }
    }
    let ids: [Int32]
    do throws(TokenizationError) {
      ids = try tokenizer.encode(utf8: text.bindMemory(to: UInt8.self))
    } catch {
      guard case .invalidUTF8 = error else { throw error }
      for offset in stride(from: 0, to: text.count, by: 4) { count(tokenAt: offset) }
      return weights
    }
    let sizes = ids.map { tokenizer.bytes(of: CollectionOfOne($0)).count }
    let total = max(1, sizes.reduce(0, +))
    var offset = 0
    for size in sizes {
      let place =
        total == text.count ? offset : Int(Double(offset) / Double(total) * Double(text.count))
      count(tokenAt: place)
      offset += size
    }
    return weights
  }
}
