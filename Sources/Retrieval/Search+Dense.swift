import PassageIndex
import VectorIndex

extension Search {
  /// The best by the cosine of their vectors with the question's.
  ///
  /// - Throws: `RetrievalError.noVectors`, `.noModel`, `VectorIndexError`.
  func dense(
    _ request: SearchRequest, scope: SearchScope, limit: Int
  ) throws -> [SearchHit] {
    // Of a document more may be found than are wanted: then more passages are looked for.
    var depth = request.perDocument == 0 ? limit : max(4 * limit, 64)
    while true {
      let hits = try nearest(request, scope: scope, depth: depth)
      let kept = Self.capped(hits, perDocument: request.perDocument, limit: limit)
      if kept.count == limit || hits.count < depth { return kept }
      depth *= 4
    }
  }

  private func nearest(
    _ request: SearchRequest, scope: SearchScope, depth: Int
  ) throws -> [SearchHit] {
    var hits: [SearchHit] = []
    for (number, index) in indexes.enumerated() {
      let vector = try request.vector ?? index.embed(request.question.text)
      for (part, vectors) in try index.vectors().enumerated() {
        let segment = index.segments[part]
        let found = try vectors.nearest(
          to: vector, k: depth, allowed: scope.allowed[number][part])
        for (passage, score) in found {
          let place = try segment.place(ofPassage: passage)
          hits.append(
            SearchHit(
              index: number, segment: part, passage: passage, sample: Int(place.sample),
              ordinal: Int(place.ordinal), score: Double(score)))
        }
      }
    }
    hits.sort { $0.score != $1.score ? $0.score > $1.score : $0.place < $1.place }
    return Array(hits.prefix(depth))
  }

  /// The first hits, not more than so many of a document.
  static func capped(_ hits: [SearchHit], perDocument: Int, limit: Int) -> [SearchHit] {
    guard perDocument > 0 else { return Array(hits.prefix(limit)) }
    var counts: [SearchHit.Place: Int] = [:]
    var kept: [SearchHit] = []
    for hit in hits where kept.count < limit {
      var document = hit.place
      document.ordinal = 0
      guard counts[document, default: 0] < perDocument else { continue }
      counts[document, default: 0] += 1
      kept.append(hit)
    }
    return kept
  }

  /// The best by words and by vectors: the two lists' ranks, fused.
  func hybrid(_ request: SearchRequest, scope: SearchScope) throws -> SearchAnswer {
    var fusion = ReciprocalRankFusion.standard
    fusion.depth = max(fusion.depth, 2 * request.limit)
    let (byWords, terms) = try lexical(
      request, scope: scope, limit: fusion.depth, perDocument: request.perDocument)
    let byVectors = try dense(request, scope: scope, limit: fusion.depth)
    var hits: [SearchHit.Place: SearchHit] = [:]
    for hit in byWords + byVectors { hits[hit.place] = hit }
    let fused = fusion.fuse(lexical: byWords.map(\.place), dense: byVectors.map(\.place))
    // What a first place in both lists would score is 1.
    let most = Double(fusion.fuse(lexical: [0], dense: [0])[0].score)
    let ranked = fused.map { entry in
      var hit = hits[entry.id]!
      hit.score = Double(entry.score) / most
      return hit
    }
    return SearchAnswer(
      hits: Self.capped(ranked, perDocument: request.perDocument, limit: request.limit),
      terms: terms, indexes: indexes)
  }
}

extension SearchHit {
  /// A passage's place among all that is searched.
  struct Place: Hashable, Comparable {
    var index: Int
    var sample: Int
    var ordinal: Int

    static func < (left: Place, right: Place) -> Bool {
      (left.index, left.sample, left.ordinal) < (right.index, right.sample, right.ordinal)
    }
  }

  var place: Place { Place(index: index, sample: sample, ordinal: ordinal) }
}
