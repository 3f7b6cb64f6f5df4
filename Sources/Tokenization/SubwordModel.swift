/// What turns a pre-token into tokens.
enum SubwordModel: Sendable {
  case unigram(UnigramModel)
  case wordPiece(WordPieceModel)

  /// The texts of the vocabulary by id.
  var texts: TokenTexts {
    switch self {
    case .unigram(let model): model.texts
    case .wordPiece(let model): model.texts
    }
  }

  func encode(
    _ word: UnsafeBufferPointer<UInt8>, _ scratch: UnigramModel.Scratch, into output: TokenBuffer
  ) throws(TokenizationError) {
    switch self {
    case .unigram(let model): try model.encode(word, scratch, into: output)
    case .wordPiece(let model): model.encode(word, into: output)
    }
  }
}
