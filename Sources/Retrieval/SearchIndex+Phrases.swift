import Datasets
import PassageIndex

extension SearchIndex: PassageFinding {
  /// The first passages that hold a phrase; see `PassageFinding`. None where it has no words.
  ///
  /// - Complexity: O(postings of the phrase's rarest word).
  public func passages(
    containing phrase: String, limit: Int
  ) throws -> (found: [Passage], count: Int) {
    let terms = analyzer.terms(of: phrase)
    guard !terms.isEmpty else { return ([], 0) }
    var count = 0
    var first: [SearchHit] = []
    for (number, segment) in segments.enumerated() {
      var found = try segment.segment.passages(holding: terms)
      if let alive = segment.alive { found.formIntersection(alive) }
      count += found.population
      try found.forEach { passage in
        let place = try segment.place(ofPassage: passage)
        first.append(
          SearchHit(
            index: 0, segment: number, passage: passage, sample: Int(place.sample),
            ordinal: Int(place.ordinal), score: 0))
      }
    }
    first.sort { ($0.sample, $0.ordinal) < ($1.sample, $1.ordinal) }
    let found = try first.prefix(limit).map {
      try passage(
        segment: $0.segment, passage: $0.passage, sample: $0.sample, ordinal: $0.ordinal, score: 0)
    }
    return (found, count)
  }
}
