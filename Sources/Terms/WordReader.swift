import CUnicode

/// Reads the words of texts. One thread at a time.
///
///     let reader = WordReader()
///     var words = Words()
///     try reader.read(text, into: &words)
///
/// A word is an ICU word (UAX #29; by dictionary in scripts without spaces), parted wherever a
/// character is neither letter, number nor mark; it has a letter or a number. In ASCII text words
/// are the longest runs of `[A-Za-z0-9]`.
/// Its folded form is NFKC_Casefold of it, of which the first 64 bytes are kept (whole scalars).
/// Stretches of more than 32 KiB without white space and stops are read in parts.
public final class WordReader {
  /// The most bytes of a text.
  public static let textLimit = Int(UInt32.max)

  private let reader: OpaquePointer?

  /// A reader; where ICU has no rules of words, reading throws.
  public init() { reader = engram_word_reader_open() }

  deinit { engram_word_reader_close(reader) }

  /// Replaces `words` by those of a text.
  ///
  /// - Parameter text: UTF-8; bytes that are not UTF-8 part words.
  /// - Throws: `TermError.textTooLong`, `TermError.noWordRules`.
  /// - Complexity: one pass; memory 16 bytes a word and its folded form.
  public func read(_ text: UnsafeRawBufferPointer, into words: inout Words) throws(TermError) {
    guard text.count <= Self.textLimit else {
      throw .textTooLong(bytes: text.count, limit: Self.textLimit)
    }
    guard let reader else { throw .noWordRules }
    words.words.removeAll(keepingCapacity: true)
    words.folded.removeAll(keepingCapacity: true)
    guard let base = text.bindMemory(to: UInt8.self).baseAddress else { return }
    let result = withUnsafeMutablePointer(to: &words) { words in
      engram_read_words(
        reader, base, text.count,
        { context, words, count, folded, bytes in
          context!.assumingMemoryBound(to: Words.self).pointee
            .append(words!, count, folded: folded!, bytes)
        }, words)
    }
    switch result {
    case 0: return
    case -2: throw .textTooLong(bytes: text.count, limit: Self.textLimit)
    default: throw .noWordRules
    }
  }
}

extension Words {
  /// Adds words as C hands them over: the same 16 bytes.
  fileprivate mutating func append(
    _ words: UnsafePointer<engram_word>, _ count: Int, folded: UnsafePointer<UInt8>, _ bytes: Int
  ) {
    words.withMemoryRebound(to: Word.self, capacity: count) {
      self.words.append(contentsOf: UnsafeBufferPointer(start: $0, count: count))
    }
    self.folded.append(contentsOf: UnsafeBufferPointer(start: folded, count: bytes))
  }
}
