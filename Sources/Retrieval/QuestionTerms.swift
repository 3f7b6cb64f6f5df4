import Foundation
import PassageIndex

/// The different terms of a question, weighed over everything that is searched.
struct QuestionTerms {
  /// BM25's parameters.
  static let k1 = 1.2
  static let b = 0.75

  /// A term of the question.
  struct Term {
    /// The term, as the first index that has it compares it.
    var text: String
    /// How often the question has it.
    var count: Int
    /// Passages that hold it, of all indexes.
    var passages = 0
    /// ln(1 + (N - n + 0.5) / (n + 0.5)).
    var idf = 0.0
    /// Entries in segments, by index and segment.
    var entries: [[TermEntry?]]
  }

  /// The terms that some passage has, in the question's order.
  private(set) var terms: [Term] = []
  /// How many different terms the question has.
  private(set) var distinct = 0
  /// Parts of scores are whole multiples of one over this.
  private(set) var unit = 1.0
  /// Of everything that is searched.
  let passages: Int
  let averageLength: Double

  /// - Throws: `RetrievalError.noWords`, `.tooManyWords`.
  init(_ question: String, in indexes: [SearchIndex]) throws {
    passages = indexes.reduce(0) { $0 + $1.manifest.passages }
    let words = indexes.reduce(0) { $0 + $1.manifest.words }
    averageLength = passages == 0 ? 1 : max(1, Double(words) / Double(passages))
    // Indexes may stem differently, but words come in the same order everywhere.
    let analyzed = indexes.map { $0.analyzer.terms(of: question) }
    var slots: [[[UInt8]]: Int] = [:]
    for position in 0..<(analyzed.map(\.count).min() ?? 0) {
      let forms = analyzed.map { $0[position] }
      if let slot = slots[forms] {
        terms[slot].count += 1
        continue
      }
      guard slots.count < SearchRequest.wordLimit else {
        throw RetrievalError.tooManyWords(
          count: Set(analyzed[0]).count, limit: SearchRequest.wordLimit)
      }
      slots[forms] = terms.count
      terms.append(
        Term(text: String(decoding: forms[0], as: UTF8.self), count: 1, entries: []))
    }
    guard !terms.isEmpty else { throw RetrievalError.noWords(question: question) }
    distinct = terms.count
    for (forms, slot) in slots {
      for (index, form) in zip(indexes, forms) {
        terms[slot].entries.append(
          try index.segments.map { segment in
            guard let entry = try segment.segment.entry(of: form) else { return nil }
            terms[slot].passages += entry.passages - segment.lost.count(ofTerm: entry.ordinal)
            return entry
          })
      }
    }
    terms.removeAll { $0.passages <= 0 }
    weigh()
  }

  private mutating func weigh() {
    var total = 0.0
    for index in terms.indices {
      let count = Double(terms[index].passages)
      let odds = (Double(passages) - count + 0.5) / (count + 0.5)
      terms[index].idf = max(0, log(1 + odds))
      total += terms[index].idf * Double(terms[index].count)
    }
    // Sums of parts stay below 2^31.
    unit = 1_048_576
    while unit * total >= 2_147_483_648, unit > 1e-6 { unit /= 2 }
  }

  /// How a term's part is computed.
  func score(_ term: Term) -> TermScore {
    TermScore(
      weight: term.idf * Double(term.count) * unit, k1: Self.k1, b: Self.b,
      averageLength: averageLength)
  }
}
