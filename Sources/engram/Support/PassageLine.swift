import Retrieval

/// A passage as programs read it.
struct PassageLine: Encodable {
  var rank: Int?
  var score: Double?
  var dataset: String
  var version: Int
  var sample: Int
  var passage: Int
  var start: Int
  var end: Int
  var title: String
  var source: String
  var id: String?
  var text: String
  var parts: [ScorePart]?

  init(_ passage: Passage, rank: Int?, parts: [ScorePart]? = nil) {
    self.rank = rank
    score = rank == nil ? nil : passage.score
    dataset = passage.dataset.name
    version = passage.dataset.version ?? 0
    sample = passage.sample
    self.passage = passage.ordinal
    start = passage.range.lowerBound
    end = passage.range.upperBound
    title = passage.title
    source = passage.source
    id = passage.id
    text = passage.text
    self.parts = parts
  }
}
