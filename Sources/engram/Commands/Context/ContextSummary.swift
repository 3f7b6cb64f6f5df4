import ContextStore

/// A line about a namespace.
struct ContextSummary: Encodable {
  var id: String
  /// `nil` where the description was lost.
  var model: String?
  var revision: String?
  var tokenizer: String?
  var salt: String?
  var blockTokens: Int?
  var groups: [ContextGroup]?
  var blocks: Int
  var bytes: Int
  var pinned: Int

  enum CodingKeys: String, CodingKey {
    case id, model, revision, tokenizer, salt, groups, blocks, bytes, pinned
    case blockTokens = "block_tokens"
  }

  /// The namespaces of a store, by id.
  static func all(in store: ContextStore) -> [ContextSummary] {
    let described = Dictionary(uniqueKeysWithValues: store.spaces().map { ($0.id, $0) })
    return store.spaceStatistics().map { counted in
      let space = described[counted.id]
      return ContextSummary(
        id: counted.id, model: space?.model, revision: space?.revision,
        tokenizer: space?.tokenizer, salt: space?.salt, blockTokens: space?.layout.blockTokens,
        groups: space?.layout.groups, blocks: counted.blocks, bytes: counted.bytes,
        pinned: counted.pinned)
    }
  }

  /// The groups in a few words: "latent 61x656".
  var layout: String {
    guard let groups else { return "-" }
    return groups.map { "\($0.name) \($0.layers)x\($0.rowBytes)" }.joined(separator: ", ")
  }
}
