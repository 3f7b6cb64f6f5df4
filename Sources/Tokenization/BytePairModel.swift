import StrictJSON

/// Reads the `model` of a tokenizer's file: vocabulary and merges of a byte-level BPE.
enum BytePairModel {
  static func read(
    _ root: JSONFields, into vocabulary: inout Vocabulary
  ) throws(TokenizationError) -> BytePairEncoder {
    let model = try JSONFields(root.required("model"), "model")
    if model.optional("type") != nil {
      let type = try model.text("type")
      guard type == "BPE" else { throw .unsupported(part: "model", name: type) }
    }
    try readVocabulary(model, into: &vocabulary)
    let byteTokens = ByteAlphabet.scalars.map { scalar in
      var text: [UInt8] = []
      UTF8Text.append(scalar, to: &text)
      return vocabulary.id(of: text[...]) ?? -1
    }
    try refuseOptions(of: model, hasAllBytes: byteTokens.allSatisfy { $0 >= 0 })
    let merges = try readMerges(model, vocabulary)
    let ignoresMerges = try model.bool("ignore_merges", default: false)
    return BytePairEncoder(
      byteTokens: byteTokens, merges: merges,
      wholeWords: ignoresMerges ? WholeWords(vocabulary: vocabulary) : nil)
  }

  private static func readVocabulary(
    _ model: JSONFields, into vocabulary: inout Vocabulary
  ) throws(TokenizationError) {
    var result = Vocabulary()
    for (text, value) in try model.members(of: "vocab") {
      guard let id = value.integer else {
        throw .invalid(field: "model.vocab", reason: "an id must be an integer")
      }
      guard result.id(of: text) == nil else {
        let name = TokenizationError.oneLine(String(decoding: text, as: UTF8.self))
        throw .invalid(field: "model.vocab", reason: "\"\(name)\" is there twice")
      }
      try result.insert(text, id: id, field: "model.vocab")
    }
    vocabulary = result
  }

  /// Options that would change results; those that cannot are let through.
  private static func refuseOptions(
    of model: JSONFields, hasAllBytes: Bool
  ) throws(TokenizationError) {
    if let dropout = model.optional("dropout"), dropout.number != 0 {
      throw .unsupported(part: "model option", name: "dropout")
    }
    for option in ["continuing_subword_prefix", "end_of_word_suffix"]
    where model.optional(option) != nil {
      guard try model.bytes(option).isEmpty else {
        throw .unsupported(part: "model option", name: option)
      }
    }
    guard !hasAllBytes else { return }
    // Only bytes without a token of their own would ever need these.
    if model.optional("unk_token") != nil {
      throw .unsupported(part: "model option", name: "unk_token")
    }
    if try model.bool("byte_fallback", default: false) {
      throw .unsupported(part: "model option", name: "byte_fallback")
    }
  }

  private static func readMerges(
    _ model: JSONFields, _ vocabulary: Vocabulary
  ) throws(TokenizationError) -> MergeTable {
    let elements = try model.array("merges")
    guard elements.count < Vocabulary.idLimit else {
      throw .invalid(field: "model.merges", reason: "more than \(Vocabulary.idLimit) merges")
    }
    var entries: [(left: Int32, right: Int32, merge: MergeTable.Merge)] = []
    entries.reserveCapacity(elements.count)
    var rank: UInt32 = 0
    var merged: [UInt8] = []
    for element in elements {
      guard let (left, right) = try pair(element, rank) else { continue }
      merged.removeAll(keepingCapacity: true)
      merged.append(contentsOf: left)
      merged.append(contentsOf: right)
      guard let leftID = vocabulary.id(of: left), let rightID = vocabulary.id(of: right),
        let id = vocabulary.id(of: merged[...])
      else {
        let name = TokenizationError.oneLine(String(decoding: merged, as: UTF8.self))
        throw .invalid(
          field: "model.merges",
          reason: "merge \(rank) (to \"\(name)\") names tokens that the vocabulary lacks")
      }
      entries.append((leftID, rightID, MergeTable.Merge(rank: rank, id: id)))
      rank += 1
    }
    return MergeTable(entries)
  }

  /// The two sides of a merge, written as "a b" or ["a", "b"]; `nil` for a version line.
  private static func pair(
    _ element: JSONValue, _ rank: UInt32
  ) throws(TokenizationError) -> (ArraySlice<UInt8>, ArraySlice<UInt8>)? {
    if let line = element.string {
      if line.starts(with: "#version".utf8) { return nil }
      let parts = line.split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
      if parts.count == 2 { return (parts[0], parts[1]) }
    } else if var parts = element.elements, parts.count == 2,
      let left = parts.next()?.string, let right = parts.next()?.string
    {
      return (left, right)
    }
    throw .invalid(field: "model.merges", reason: "merge \(rank) is not a pair of strings")
  }
}
