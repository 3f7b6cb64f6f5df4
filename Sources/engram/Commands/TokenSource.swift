import Addressing
import ArgumentParser
import Tokenization

/// Where token ids get their meaning from.
struct TokenSource {
  /// Token id -> compressed id, for schemes that map tokens.
  var map: TokenMap?
  /// Text -> token ids, where a tokenizer was given.
  var encode: ((String) throws -> [Int32])?
}

/// The options that name a tokenizer or its token map.
struct TokenSourceOptions: ParsableArguments {
  @Option(help: ArgumentHelp("The model's tokenizer.json.", valueName: "file"))
  var tokenizer: String?

  @Option(
    help: ArgumentHelp(
      "The tokenizer's token map: one little-endian int32 for each token id.", valueName: "file"))
  var tokenMap: String?

  /// What the options name; a map is checked against the scheme by whoever uses it.
  func resolved() throws -> TokenSource {
    switch (tokenizer, tokenMap) {
    case (nil, nil):
      return TokenSource()
    case (nil, let path?):
      return TokenSource(map: try TokenMap(readingFrom: path))
    case (let path?, nil):
      let tokenizer = try Tokenizer(path: path)
      return TokenSource(map: try TokenMap(tokenizer: tokenizer)) { try tokenizer.encode($0) }
    case (.some, .some):
      throw CommandError("give either --tokenizer or --token-map")
    }
  }
}
