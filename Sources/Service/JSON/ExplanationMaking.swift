import Datasets
import Files
import Foundation
import MemoryExplanation
import MemoryTables
import MemoryTraining
import NgramCounts
import Retrieval
import Serving
import Tokenization

/// Explains memories with what the service has: its tokenizers, and the store.
struct ExplanationMaking: Sendable {
  /// The longest text that is explained at once.
  static let mostTokens = 500

  let state: ServiceState

  /// - Throws: `ServiceError.noTokenizer`, `.outOfTime`; `ExplanationError`, `TableError`,
  ///   `CountError`, `RetrievalError` and what lies below them.
  func explain(_ asked: ExplainBody) throws -> Explanation {
    let table = try state.cache.table(asked.memory).table
    let store = try state.cache.store()
    var explainer = try explainer(of: table)
    explainer.limits.nearest = asked.nearest
    explainer.limits.passages = asked.passages
    explainer.limits.tokens = Self.mostTokens
    if let counts = asked.counts {
      try explainer.use(NgramCounts(CountsReference(parsing: counts), in: store))
    }
    if let dataset = asked.dataset {
      let index = try state.index(dataset)
      explainer.passages = (index.title, index)
    }
    explainer.gates = try gates(of: table, tokenizer: explainer.tokenizer)
    // Who asked has been told by then; the thread is for others.
    let deadline = ContinuousClock.now + state.limits.requestTime
    return try explainer.explain(utf8: Array(asked.text.utf8)) { _, _, _ in
      guard ContinuousClock.now < deadline else { throw ServiceError.outOfTime }
    }
  }

  /// With the first tokenizer that is the table's.
  private func explainer(of table: Table) throws -> Explainer {
    guard !state.tokenizers.isEmpty else { throw ServiceError.noTokenizer }
    var failure: (any Error)?
    for tokenizer in state.tokenizers {
      do { return try Explainer(table, tokenizer: tokenizer) } catch { failure = failure ?? error }
    }
    throw failure ?? ServiceError.noTokenizer
  }

  /// What opens the gates of a table that was trained; `nil` of others.
  private func gates(of table: Table, tokenizer: Tokenizer) throws -> GateSource? {
    guard table.manifest.exact == nil, let model = try TrainedModel.besides(table),
      let fusion = model.fusion
    else { return nil }
    let found = tokenizer.identity.description
    guard model.tokenizer == found else {
      throw ExplanationError.otherTokenizer(
        table: table.manifest.name, expected: model.tokenizer, found: found)
    }
    return GateSource(weights: try fusion.weights(), origin: "the host model of its training") {
      try model.hiddenStates(of: $0)
    }
  }
}

extension ServiceState {
  /// The index of a dataset; of one of tokens with the tokenizer that made them.
  ///
  /// - Throws: as `SearchIndex(_:in:tokenizer:)`.
  func index(_ reference: String) throws -> SearchIndex {
    do {
      return try cache.index(reference)
    } catch RetrievalError.noTokenizer(let dataset) {
      for tokenizer in tokenizers {
        if let index = try? SearchIndex(
          DatasetReference(parsing: reference), in: cache.store(), tokenizer: tokenizer)
        {
          return index
        }
      }
      throw RetrievalError.noTokenizer(dataset: dataset)
    }
  }
}
