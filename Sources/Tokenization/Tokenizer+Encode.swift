import Dispatch
import Synchronization

extension Tokenizer {
  /// The tokens of a text.
  ///
  /// - Throws: `TokenizationError` where the text is too long or a pattern gives up on it.
  /// - Complexity: linear in the text; O(n log n) in its longest pre-token. Memory beside the
  ///   result is bounded, except 20 bytes a byte of the longest pre-token and, where the
  ///   tokenizer normalises, a copy of the text.
  public func encode(_ text: String) throws(TokenizationError) -> [Int32] {
    var text = text
    var ids: [Int32] = []
    let failure: TokenizationError? = text.withUTF8 { utf8 in
      do throws(TokenizationError) {
        try encodeChecked(utf8, into: &ids)
        return nil
      } catch { return error }
    }
    if let failure { throw failure }
    return ids
  }

  /// The tokens of a text in UTF-8. Bytes that are not UTF-8 are refused, never replaced.
  ///
  /// - Throws: `TokenizationError.invalidUTF8`, and as the form for `String`.
  public func encode(
    utf8 text: UnsafeBufferPointer<UInt8>
  ) throws(TokenizationError) -> [Int32] {
    var ids: [Int32] = []
    try encode(utf8: text, into: &ids)
    return ids
  }

  /// Appends the tokens of a text in UTF-8 to `ids`, which is as it was where this throws.
  public func encode(
    utf8 text: UnsafeBufferPointer<UInt8>, into ids: inout [Int32]
  ) throws(TokenizationError) {
    if let offset = UTF8Text.firstError(in: text) { throw .invalidUTF8(offset: offset) }
    try encodeChecked(text, into: &ids)
  }

  /// The tokens of many texts, in order.
  ///
  /// - Parameter threads: how many work at the same time, each on whole texts.
  /// - Throws: the error of the first text that has one; nothing is returned then.
  public func encode(
    _ texts: [String], threads: Int
  ) throws(TokenizationError) -> [[Int32]] {
    let next = Atomic(0)
    let state = Mutex(
      (results: [[Int32]](repeating: [], count: texts.count), failures: [Int: TokenizationError]()))
    DispatchQueue.concurrentPerform(iterations: max(1, min(threads, texts.count))) { _ in
      // Texts are taken a few at a time, so that threads seldom meet at the lock.
      let batch = max(1, min(64, texts.count / (8 * max(1, threads))))
      while true {
        let start = next.wrappingAdd(batch, ordering: .relaxed).oldValue
        guard start < texts.count else { return }
        for index in start..<min(start + batch, texts.count) {
          do throws(TokenizationError) {
            let ids = try encode(texts[index])
            state.withLock { $0.results[index] = ids }
          } catch {
            state.withLock { $0.failures[index] = error }
          }
        }
      }
    }
    return try state.withLock { state throws(TokenizationError) in
      if let first = state.failures.min(by: { $0.key < $1.key }) { throw first.value }
      return state.results
    }
  }

  private func encodeChecked(
    _ text: UnsafeBufferPointer<UInt8>, into ids: inout [Int32]
  ) throws(TokenizationError) {
    guard text.count <= Self.textLimit else {
      throw .textTooLong(count: text.count, limit: Self.textLimit)
    }
    try withSession { session throws(TokenizationError) in
      ids.append(contentsOf: try session.encode(text))
    }
  }
}
