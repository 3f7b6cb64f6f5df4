/// Cuts a text into passages of bounded length, at its paragraphs and sentences where it can.
public enum PassageCutter {
  /// The passages of a text, in order; every word is in exactly one.
  ///
  /// A passage takes words until the next would be one unit too many. Then it ends before the
  /// latest of the words with the strongest bound among those past half of the limit, the next
  /// word included.
  ///
  /// - Parameter limit: the most units of a passage, at least 1.
  /// - Parameter weights: units of each word; 1 where `nil`. A word heavier than the limit is a
  ///   passage of its own. A passage has at most 65,535 words, whatever they weigh.
  /// - Complexity: linear in words.
  public static func cut(
    _ words: Words, text: UnsafeRawBufferPointer, limit: Int, weights: [UInt16]? = nil
  ) -> [PassageSpan] {
    let limit = max(1, limit)
    let all = words.words
    func weight(_ index: Int) -> Int { weights.map { Int($0[index]) } ?? 1 }
    var spans: [PassageSpan] = []
    var start = 0
    var lowest = 0
    while start < all.count {
      var end = start
      var units = 0
      var cut = start + 1
      var strongest: Words.Bound?
      while end < all.count, end - start < Int(UInt16.max) {
        // A passage may end before this word.
        if end > start, 2 * units >= limit, strongest.map({ all[end].bound >= $0 }) ?? true {
          strongest = all[end].bound
          cut = end
        }
        let heavier = units + weight(end)
        if end > start, heavier > limit { break }
        units = heavier
        end += 1
      }
      if end == all.count || strongest == nil { cut = end }
      let bytes = PassageEdges.bytes(
        of: start..<cut, all, text: text, from: lowest)
      spans.append(PassageSpan(words: start..<cut, bytes: bytes))
      lowest = bytes.upperBound
      start = cut
    }
    return spans
  }
}
