/// N-grams of up to three tokens as numbers, 21 bits a token, the last one lowest: sorted, those of
/// one context stand together.
enum NgramKey {
  static let bits = 21
  static let mask: UInt64 = 1 << 21 - 1

  static func check(vocabulary: Int) throws(KneserNeyError) {
    guard (1...Int(mask) + 1).contains(vocabulary) else {
      throw .unsuitableVocabulary(vocabulary, limit: Int(mask) + 1)
    }
  }

  static func check(
    _ document: UnsafeBufferPointer<Int32>, vocabulary: Int
  ) throws(KneserNeyError) {
    for token in document where token < 0 || Int(token) >= vocabulary {
      throw .tokenOutOfRange(token: token, vocabulary: vocabulary)
    }
  }

  /// A token as the last of a context's N-gram.
  static func appending(_ token: Int32, to context: UInt64) -> UInt64 {
    context << UInt64(bits) | UInt64(UInt32(bitPattern: token))
  }
}
