import CStemmer

/// A stemmer of Snowball (M. Porter, snowballstem.org). One thread at a time.
final class SnowballStemmer {
  private let stemmer: OpaquePointer

  /// The stemmer of an algorithm, for UTF-8; `nil` where the library has none of this name.
  init?(algorithm: String) {
    guard let stemmer = sb_stemmer_new(algorithm, "UTF_8") else { return nil }
    self.stemmer = stemmer
  }

  deinit { sb_stemmer_delete(stemmer) }

  /// Calls `body` with the stem of a folded word; with the word itself where it has none.
  func withStem(of word: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer) -> Void) {
    guard let base = word.bindMemory(to: UInt8.self).baseAddress,
      let stem = sb_stemmer_stem(stemmer, base, Int32(word.count))
    else { return body(word) }
    let length = Int(sb_stemmer_length(stemmer))
    body(length > 0 ? UnsafeRawBufferPointer(start: stem, count: length) : word)
  }
}
