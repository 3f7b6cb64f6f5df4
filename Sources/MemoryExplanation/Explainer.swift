import Addressing
import Files
import MemoryTables
import NgramCounts
import Retrieval
import Tokenization

/// Opens a memory for people: what it holds for a text, and where that came from.
///
///     var explainer = try Explainer(table, tokenizer: tokenizer)
///     explainer.counts = counts
///     explainer.passages = ("corpus@3", finder)
///     let explanation = try explainer.explain("Alexander the Great")
public struct Explainer {
  /// How much is looked for.
  public struct Limits: Sendable {
    /// Near N-grams of each; 0: none are looked for.
    public var nearest = 5
    /// The most frequent N-grams of an order that are compared with.
    public var nearestAmong = 20_000
    /// Passages that are shown of each N-gram.
    public var passages = 3
    /// N-grams that are named of those that share a row.
    public var sharers = 3
    /// The longest text.
    public var tokens = 2000

    /// The limits of the command.
    public init() {}
  }

  /// Takes the work that is being done, how much of it is, and of how much; may throw to stop it.
  public typealias Progress = (_ work: String, _ done: Int, _ total: Int) throws -> Void

  /// The memory's table.
  public let table: Table
  /// The tokenizer that its N-grams are of.
  public let tokenizer: Tokenizer
  /// How much is looked for.
  public var limits = Limits()
  /// What opens the gates, where it is known.
  public var gates: GateSource?
  /// What finds passages, and the `name@version` of the dataset that they are of.
  public var passages: (dataset: String, finder: any PassageFinding)?
  /// Counts of the N-grams of a corpus, where there are any.
  public private(set) var counts: NgramCounts?

  let memory: ExplainedMemory
  private(set) var names: CountedText?

  /// An explainer of a memory.
  ///
  /// - Throws: `ExplanationError.otherTokenizer`; `AddressingError` where the tokenizer's token map
  ///   is not the table's; `TableError.notAddressed`.
  public init(_ table: Table, tokenizer: Tokenizer) throws {
    self.table = table
    self.tokenizer = tokenizer
    memory = try ExplainedMemory(table, tokenizer: tokenizer)
  }

  /// Takes counts for frequencies, collisions and near rows.
  ///
  /// - Throws: `CountError.otherTokenizer`; `ExplanationError.otherTokenRule`.
  public mutating func use(_ counts: NgramCounts) throws {
    names = try CountedText(counts.manifest, tokenizer: tokenizer)
    try memory.check(counts.manifest)
    self.counts = counts
  }

  /// Explains a text.
  public func explain(_ text: String, progress: Progress = { _, _, _ in }) throws -> Explanation {
    try explain(utf8: Array(text.utf8), progress: progress)
  }

  /// Explains a text in UTF-8.
  ///
  /// - Throws: `ExplanationError`, `TableError`, `CountError`, `FusionError`, `TokenizationError`;
  ///   what the finder and `progress` throw.
  /// - Complexity: a few reads a token and column; with counts, one pass over all N-grams, and
  ///   tokens x `limits.nearestAmong` comparisons an order.
  public func explain(
    utf8 text: [UInt8], progress: Progress = { _, _, _ in }
  ) throws -> Explanation {
    let text = try TokenText(text, tokenizer: tokenizer, limit: limits.tokens)
    var draft = try ExplanationDraft(text, memory)
    if let counts, let names {
      try draft.addCounts(counts)
      try draft.addSharers(counts, names, kept: limits.sharers, progress)
      try draft.addNearest(
        counts, names, kept: limits.nearest, among: limits.nearestAmong, progress)
    }
    if let passages { try draft.addPassages(passages.finder, limit: limits.passages, progress) }
    let manifest = table.manifest
    var explanation = Explanation(
      text: String(decoding: text.bytes, as: UTF8.self),
      memory: .init(
        table: ExplainedMemory.title(table), kind: manifest.exact == nil ? .hashed : .exact,
        rows: manifest.rows, dimension: manifest.dimension, codec: manifest.codec.rawValue,
        shortest: memory.orders.lowerBound, longest: memory.orders.upperBound,
        heads: memory.heads),
      counts: counts.map {
        .init(
          name: $0.manifest.title, dataset: $0.manifest.subject.dataset.title,
          among: limits.nearest > 0 ? limits.nearestAmong : 0)
      },
      dataset: passages?.dataset, gates: nil, tokens: draft.tokens)
    if let gates { try add(gates, to: &explanation, text, rows: draft.tokenRows()) }
    return explanation
  }

  private func add(
    _ source: GateSource, to explanation: inout Explanation, _ text: TokenText, rows: [Float]
  ) throws {
    let title = explanation.memory.table
    guard table.manifest.exact == nil else { throw TableError.notHashed(table: title) }
    let inputs = rows.count / text.ids.count
    guard inputs == source.weights.inputs else {
      throw ExplanationError.otherWeights(
        table: title, expected: inputs, found: source.weights.inputs)
    }
    let gates = try source.gates(for: text.ids, rows: rows)
    let branches = source.weights.branches
    explanation.gates = .init(
      form: source.weights.form.rawValue, branches: branches, hidden: source.origin)
    for token in text.ids.indices {
      explanation.tokens[token].gates = Array(gates[token * branches..<(token + 1) * branches])
    }
  }
}
