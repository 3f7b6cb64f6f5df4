import Serving

/// What of a memory is to be explained:
/// `{"memory":"table","text":"..","counts":"..","dataset":"..","nearest":0,"passages":3}`.
package struct ExplainBody: Decodable, Sendable {
  /// The most bytes of a text; how many tokens are explained at once is the explainer's to say.
  static let mostBytes = 64 << 10

  /// The memory's table.
  package var memory: String
  /// The text.
  package var text: String
  /// Counts of a corpus.
  package var counts: String?
  /// The dataset whose passages are shown.
  package var dataset: String?
  /// Near rows that are shown of each N-gram. None unless asked for: they take long.
  package var nearest: Int
  /// Passages that are shown of each N-gram.
  package var passages: Int

  enum Keys: String, CodingKey, CaseIterable {
    case memory, text, counts, dataset, nearest, passages
  }

  package init(from decoder: any Decoder) throws {
    let members = try StrictMembers(decoder, Keys.self)
    memory = try members.text(.memory, members.required(.memory), bytes: mostNameBytes)
    text = try members.text(.text, members.required(.text), bytes: Self.mostBytes)
    counts = try members.optional(.counts).map {
      try members.text(.counts, $0, bytes: mostNameBytes)
    }
    dataset = try members.optional(.dataset).map {
      try members.text(.dataset, $0, bytes: mostNameBytes)
    }
    nearest = try members.number(.nearest, in: 0...100, otherwise: 0)
    passages = try members.number(.passages, in: 0...100, otherwise: 3)
  }
}
