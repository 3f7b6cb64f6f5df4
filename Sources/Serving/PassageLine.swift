import Retrieval

/// A passage as programs read it: a line of `engram query --format json`.
public struct PassageLine: Encodable, Sendable {
  /// Its place among the answers, from 1; `nil` where it was not ranked.
  public var rank: Int?
  /// What it was ranked by; `nil` where it was not.
  public var score: Double?
  /// Its dataset.
  public var dataset: String
  /// The dataset's version.
  public var version: Int
  /// The sample's number.
  public var sample: Int
  /// Which of the sample's passages it is.
  public var passage: Int
  /// Where it begins in the sample's text, in bytes of UTF-8.
  public var start: Int
  /// Where it ends.
  public var end: Int
  /// The document's title.
  public var title: String
  /// Where the document came from.
  public var source: String
  /// The document's own id, where it has one.
  public var id: String?
  /// The passage.
  public var text: String
  /// Each word's part of the score, where they were asked for.
  public var parts: [ScorePart]?

  /// A passage, ranked or not.
  public init(_ passage: Passage, rank: Int?, parts: [ScorePart]? = nil) {
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
