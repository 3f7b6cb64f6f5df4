import Bitsets
import Datasets
import Foundation
import PassageIndex
import Questions
import Terms

/// Questions to one or several indexes at once.
///
///     let search = Search([index])
///     let answer = try search.answer(SearchRequest(question: Question(parsing: "page cache")))
///     for passage in try answer.passages() { print(passage.source, passage.text) }
///
/// Several indexes are ranked as if they were one: frequencies and lengths are of all together.
/// Safe to use from any number of threads at once.
public struct Search: Sendable {
  /// What is searched.
  public let indexes: [SearchIndex]

  /// Questions to these indexes.
  public init(_ indexes: [SearchIndex]) { self.indexes = indexes }

  /// The best passages for a request.
  ///
  /// - Throws: `RetrievalError`, `PassageIndexError`, `StorageError.corruptFile`.
  /// - Complexity: of lexical answers, less than the postings of the question's words; see
  ///   `SegmentSearch`.
  public func answer(_ request: SearchRequest) throws -> SearchAnswer {
    guard SearchRequest.limitRange.contains(request.limit) else {
      throw RetrievalError.badOption(
        name: "-k", value: "\(request.limit)",
        expected: "\(SearchRequest.limitRange.lowerBound) to "
          + "\(SearchRequest.limitRange.upperBound)")
    }
    let scope = try SearchScope(request, in: indexes)
    switch request.mode {
    case .lexical:
      let (hits, terms) = try lexical(
        request, scope: scope, limit: request.limit, perDocument: request.perDocument)
      return SearchAnswer(hits: hits, terms: terms, indexes: indexes)
    case .dense:
      let hits = try dense(request, scope: scope, limit: request.limit)
      return SearchAnswer(hits: hits, terms: nil, indexes: indexes)
    case .hybrid:
      return try hybrid(request, scope: scope)
    }
  }

  /// The best by words.
  func lexical(
    _ request: SearchRequest, scope: SearchScope, limit: Int, perDocument: Int
  ) throws -> (hits: [SearchHit], terms: QuestionTerms) {
    let terms = try QuestionTerms(request.question.text, in: indexes)
    var top = TopPassages(limit: limit, perDocument: perDocument)
    for (number, index) in indexes.enumerated() {
      for (part, segment) in index.segments.enumerated() {
        let found = terms.terms.enumerated().compactMap { slot, term in
          term.entries[number][part].map {
            SegmentSearch.Term(slot: slot, entry: $0, score: terms.score(term))
          }
        }
        guard !found.isEmpty else { continue }
        let search = try SegmentSearch(
          segment.segment, terms: found, allowed: scope.allowed[number][part])
        try search.search(into: &top) { passage, score in
          let place = try segment.place(ofPassage: passage)
          return .init(
            score: score, collection: number, sample: place.sample, ordinal: place.ordinal,
            segment: part, passage: passage)
        }
      }
    }
    let hits = top.entries.map {
      SearchHit($0, score: Double($0.score) / terms.unit)
    }
    return (hits, terms)
  }
}

/// A passage that was found: where it is in the indexes, and its score.
public struct SearchHit: Hashable, Sendable {
  /// Its index's number among those that are searched.
  public var index: Int
  /// Its segment's number in the index.
  public var segment: Int
  /// Its own number in the segment.
  public var passage: Int
  /// The sample of the dataset.
  public var sample: Int
  /// Which of the sample's passages it is.
  public var ordinal: Int
  /// What it was ranked by.
  public var score: Double

  init(_ entry: TopPassages.Entry, score: Double) {
    index = entry.collection
    segment = entry.segment
    passage = entry.passage
    sample = Int(entry.sample)
    ordinal = Int(entry.ordinal)
    self.score = score
  }

  init(index: Int, segment: Int, passage: Int, sample: Int, ordinal: Int, score: Double) {
    self.index = index
    self.segment = segment
    self.passage = passage
    self.sample = sample
    self.ordinal = ordinal
    self.score = score
  }
}
