import CUnicode

extension TermNormalizer {
  /// Makes terms. One thread at a time.
  public final class Session {
    private let stemmer: SnowballStemmer?

    init(stemmer: SnowballStemmer?) { self.stemmer = stemmer }

    /// Replaces `term` by the term of a folded word, which is UTF-8.
    public func term(of folded: UnsafeRawBufferPointer, into term: inout [UInt8]) {
      term.removeAll(keepingCapacity: true)
      if let stemmer {
        stemmer.withStem(of: folded) { Self.appendWithoutAccents($0, to: &term) }
      } else {
        Self.appendWithoutAccents(folded, to: &term)
      }
    }

    /// Replaces `term` by the term of a word.
    public func term(of word: Words.Word, in words: Words, into term: inout [UInt8]) {
      words.folded.withUnsafeBytes { folded in
        let start = Int(word.foldedStart)
        self.term(
          of: UnsafeRawBufferPointer(rebasing: folded[start..<start + Int(word.foldedLength)]),
          into: &term)
      }
    }

    private static func appendWithoutAccents(
      _ word: UnsafeRawBufferPointer, to term: inout [UInt8]
    ) {
      guard word.contains(where: { $0 >= 0x80 }) else {
        term.append(contentsOf: word.prefix(Int(ENGRAM_FOLDED_LIMIT)))
        return
      }
      withUnsafeTemporaryAllocation(
        of: UInt8.self, capacity: Int(ENGRAM_FOLDED_LIMIT)
      ) { buffer in
        let count = engram_drop_accents(
          word.bindMemory(to: UInt8.self).baseAddress, word.count, buffer.baseAddress)
        if count > 0 {
          term.append(contentsOf: UnsafeBufferPointer(rebasing: buffer[..<Int(count)]))
        } else {
          // All of it was marks.
          term.append(contentsOf: word.prefix(Int(ENGRAM_FOLDED_LIMIT)))
        }
      }
    }
  }
}
