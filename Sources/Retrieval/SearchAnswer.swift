import Datasets
import Foundation
import PassageIndex
import Terms

/// What a search found, best first.
public struct SearchAnswer: Sendable {
  /// The passages, without their texts.
  public let hits: [SearchHit]
  let terms: QuestionTerms?
  let indexes: [SearchIndex]

  /// The passages, with their texts, titles and sources read from the datasets.
  ///
  /// - Throws: `DatasetError`, `ChunkError` where a sample cannot be read as it was put in.
  public func passages() throws -> [Passage] { try hits.map(passage) }

  /// One of them.
  public func passage(_ hit: SearchHit) throws -> Passage {
    let index = indexes[hit.index]
    return try index.passage(
      segment: hit.segment, passage: hit.passage, sample: hit.sample, ordinal: hit.ordinal,
      score: hit.score)
  }

  /// The record's own id where it has one, else `sample N`: what runs and judgements name documents
  /// by. No sample is read.
  public func documentName(_ hit: SearchHit) throws -> String {
    let segment = indexes[hit.index].segments[hit.segment].segment
    let document = segment.document(ofPassage: hit.passage)
    return try segment.metadata.values(of: "id", document: document).first ?? "sample \(hit.sample)"
  }

  /// Each term's part of a passage's score, in the question's order; terms that the passage does not
  /// hold are left out. Empty where the answer was not ranked by words.
  public func parts(of hit: SearchHit) throws -> [ScorePart] {
    guard let terms else { return [] }
    let segment = indexes[hit.index].segments[hit.segment].segment
    let length = segment.length(ofPassage: hit.passage)
    return try terms.terms.compactMap { term in
      guard let entry = term.entries[hit.index][hit.segment],
        let frequency = try segment.frequency(of: entry, inPassage: hit.passage)
      else { return nil }
      let part = terms.score(term).part(frequency: frequency, length: length)
      return ScorePart(
        term: term.text, inQuestion: term.count, frequency: frequency, passages: term.passages,
        idf: term.idf, length: length, averageLength: terms.averageLength,
        score: Double(part) / terms.unit)
    }
  }
}

/// A term's part of a passage's score.
public struct ScorePart: Codable, Hashable, Sendable {
  /// The term.
  public var term: String
  /// How often the question has it.
  public var inQuestion: Int
  /// How often the passage has it.
  public var frequency: Int
  /// How many passages have it.
  public var passages: Int
  /// Its inverse document frequency.
  public var idf: Double
  /// Words of the passage.
  public var length: Int
  /// Words of passages on average.
  public var averageLength: Double
  /// The part.
  public var score: Double
}
