/// WordPiece (Schuster and Nakajima 2012): a pre-token becomes the longest token that it begins
/// with, then the longest continuing one, and so on; one unknown token where that fails.
struct WordPieceModel: Sendable {
  let texts: TokenTexts
  let unknown: Int32
  /// What tokens that continue a word begin with.
  let continuing: [UInt8]
  /// Longer pre-tokens are unknown.
  let characterLimit: Int

  /// Appends the tokens of a pre-token.
  func encode(_ word: UnsafeBufferPointer<UInt8>, into output: TokenBuffer) {
    guard let base = word.baseAddress else { return }
    let characters = word.reduce(0) { $0 + ($1 & 0xC0 == 0x80 ? 0 : 1) }
    guard characters <= characterLimit else { return output.append(unknown) }
    var ids: [Int32] = []
    var start = 0
    while start < word.count {
      var longest: (length: Int, id: Int32)?
      texts.walk(
        front: start > 0 ? continuing : [], base + start, word.count - start
      ) { length, id in
        // A token may end in the middle of a character only where it is no UTF-8; none is.
        longest = (length, id)
      }
      guard let longest else { return output.append(unknown) }
      ids.append(longest.id)
      start += longest.length
    }
    output.append(contentsOf: ids)
  }
}
