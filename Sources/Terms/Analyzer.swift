import Synchronization

/// Makes terms of questions by the rules that texts are indexed by. Safe to use from any number of
/// threads at once.
public final class Analyzer: Sendable {
  /// What one thread works with.
  private struct Tools {
    let reader: WordReader
    let session: TermNormalizer.Session
    var words = Words()
  }

  /// A term of a text.
  public struct Place: Hashable, Sendable {
    /// UTF-8.
    public var term: [UInt8]
    /// Where its word stands, in bytes of UTF-8.
    public var range: Range<Int>
  }

  private let normalizer: TermNormalizer
  // A thread takes what it works with out, so that no two have the same.
  private let idle = Mutex<[IdleTools]>([])

  // Handed from thread to thread under the lock, never shared.
  private struct IdleTools: @unchecked Sendable {
    var tools: Tools
  }

  /// - Parameter stem: as in `TermNormalizer`.
  /// - Throws: `TermError.noStemmer`.
  public init(stem: String? = nil) throws(TermError) { normalizer = try TermNormalizer(stem: stem) }

  /// The terms of a text, in order, with those that come again; none of a text of 4 GiB or more.
  public func terms(of text: String) -> [[UInt8]] { places(in: text).map(\.term) }

  /// The terms of a text and where they stand, in order.
  public func places(in text: String) -> [Place] {
    var tools =
      idle.withLock { $0.popLast() }?.tools
      ?? Tools(reader: WordReader(), session: normalizer.session())
    defer {
      // What a long text needed is not kept.
      if tools.words.words.count > 1 << 14 { tools.words = Words() }
      let unused = IdleTools(tools: tools)
      idle.withLock { $0.append(unused) }
    }
    var text = text
    return text.withUTF8 { utf8 in
      do {
        try tools.reader.read(UnsafeRawBufferPointer(utf8), into: &tools.words)
      } catch { return [] }
      var term: [UInt8] = []
      return tools.words.words.map { word in
        tools.session.term(of: word, in: tools.words, into: &term)
        let start = Int(word.start)
        return Place(term: term, range: start..<start + Int(word.length))
      }
    }
  }
}
