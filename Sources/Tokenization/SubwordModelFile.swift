import StrictJSON

/// Reads the `model` of a subword tokenizer's file.
enum SubwordModelFile {
  static func read(_ model: JSONFields) throws(TokenizationError) -> SubwordModel {
    let type = try model.text("type")
    switch type {
    case "Unigram": return .unigram(try readUnigram(model))
    case "WordPiece": return .wordPiece(try readWordPiece(model))
    default: throw .unsupported(part: "model", name: type)
    }
  }

  private static func readUnigram(_ model: JSONFields) throws(TokenizationError) -> UnigramModel {
    var entries: [(text: ArraySlice<UInt8>, score: Double)] = []
    for element in try model.array("vocab") {
      guard var pair = element.elements, pair.count == 2, let text = pair.next()?.string,
        let score = pair.next()?.number, score.isFinite
      else {
        throw .invalid(
          field: "model.vocab", reason: "entry \(entries.count) is not a text and a number")
      }
      entries.append((text, score))
    }
    let texts = try table(of: entries.map(\.text))
    guard !entries.isEmpty else { throw .invalid(field: "model.vocab", reason: "it is empty") }
    var unknown: Int32?
    if model.optional("unk_id") != nil {
      let id = try model.integer("unk_id")
      guard entries.indices.contains(id) else {
        throw .invalid(field: "model.unk_id", reason: "\(id) is not in 0..<\(entries.count)")
      }
      unknown = Int32(id)
    }
    return UnigramModel(
      texts: texts, scores: entries.map(\.score), unknown: unknown,
      byteFallback: try model.bool("byte_fallback", default: false))
  }

  private static func readWordPiece(
    _ model: JSONFields
  ) throws(TokenizationError) -> WordPieceModel {
    var known: [ArraySlice<UInt8>?] = []
    for (text, value) in try model.members(of: "vocab") {
      guard let id = value.integer, (0..<Vocabulary.idLimit).contains(id) else {
        throw .invalid(
          field: "model.vocab", reason: "an id must be an integer in 0..<\(Vocabulary.idLimit)")
      }
      if id >= known.count {
        known.append(contentsOf: repeatElement(nil, count: id + 1 - known.count))
      }
      guard known[id] == nil else {
        throw .invalid(field: "model.vocab", reason: "id \(id) is given to two tokens")
      }
      known[id] = text
    }
    guard let gap = known.firstIndex(of: nil) else {
      let texts = try table(of: known.compactMap(\.self))
      let name = try model.bytes("unk_token")
      guard let unknown = texts.id(of: name) else {
        throw .invalid(field: "model.unk_token", reason: "it is not in the vocabulary")
      }
      let limit = try model.integer("max_input_chars_per_word")
      return WordPieceModel(
        texts: texts, unknown: unknown,
        continuing: Array(try model.bytes("continuing_subword_prefix")),
        characterLimit: limit)
    }
    throw .invalid(field: "model.vocab", reason: "no token has id \(gap)")
  }

  private static func table(
    of texts: [ArraySlice<UInt8>]
  ) throws(TokenizationError) -> TokenTexts {
    guard texts.count < Vocabulary.idLimit else {
      throw .invalid(field: "model.vocab", reason: "more than \(Vocabulary.idLimit) tokens")
    }
    guard let longest = texts.map(\.count).max(), longest <= TokenTexts.lengthLimit else {
      throw .invalid(
        field: "model.vocab",
        reason: "it is empty, or a token has more than \(TokenTexts.lengthLimit) bytes")
    }
    let bytes = texts.reduce(0) { $0 + $1.count }
    guard bytes < 1 << 31 else {
      throw .invalid(field: "model.vocab", reason: "its texts are too long")
    }
    var table = TokenTexts(count: texts.count, bytes: bytes)
    for text in texts { table.append(text) }
    return table
  }
}
