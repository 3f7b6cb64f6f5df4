import Bitsets
import SeededRandom
import Testing

@testable import PassageIndex

@Suite struct SearchTests {
  static let unit = 1_048_576.0

  /// The best passages of a segment by the index.
  static func search(
    _ segment: Segment, _ plain: PlainScoring, _ words: [String], limit: Int,
    perDocument: Int = 0, allowed: Bitset? = nil, window: Int = 64
  ) throws -> [TopPassages.Entry] {
    let terms = try Set(words).sorted().enumerated().compactMap { slot, word in
      try segment.entry(of: Array(word.utf8)).map { entry in
        SegmentSearch.Term(
          slot: slot, entry: entry,
          score: TermScore(
            weight: plain.idf(word) * Double(words.filter { $0 == word }.count) * unit, k1: 1.2,
            b: 0.75, averageLength: plain.averageLength))
      }
    }
    var top = TopPassages(limit: limit, perDocument: perDocument)
    try SegmentSearch(segment, terms: terms, allowed: allowed, window: window)
      .search(into: &top) { passage, score in
        let document = segment.document(ofPassage: passage)
        return .init(
          score: score, collection: 0, sample: UInt32(document),
          ordinal: UInt32(passage - segment.passages(ofDocument: document).lowerBound),
          segment: 0, passage: passage)
      }
    return top.entries
  }

  /// The best passages by scoring everything.
  static func plainly(
    _ segment: Segment, _ plain: PlainScoring, _ words: [String], limit: Int,
    perDocument: Int = 0, allowed: Bitset? = nil
  ) -> [(passage: Int, score: UInt32)] {
    var scored: [(passage: Int, score: UInt32)] = []
    let holders = Set(words).reduce(into: Set<Int>()) { $0.formUnion(plain.holders[$1] ?? []) }
    for passage in holders where allowed?.contains(passage) ?? true {
      let score = plain.score(passage, words, unit: unit).whole
      if score > 0 { scored.append((passage, score)) }
    }
    scored.sort { $0.score != $1.score ? $0.score > $1.score : $0.passage < $1.passage }
    var counts: [Int: Int] = [:]
    return Array(
      scored.filter { entry in
        guard perDocument > 0 else { return true }
        let document = segment.document(ofPassage: entry.passage)
        counts[document, default: 0] += 1
        return counts[document]! <= perDocument
      }.prefix(limit))
  }

  @Test func theBestAreThoseOfScoringEverything() throws {
    let made = MadeDocuments(count: 450, words: 3000, seed: 11)
    let built = try MadeSegment(made)
    let plain = PlainScoring(made.passages)
    #expect(plain.passages.count > 800)
    var random = SeededGenerator(seed: 12)
    for query in 0..<10_000 {
      let words = (0..<Int.random(in: 1...8, using: &random)).map { _ in
        MadeDocuments.word(4000, &random)
      }
      let limit = [1, 3, 10, 100][query % 4]
      let perDocument = query % 5 == 0 ? 1 : query % 7 == 0 ? 2 : 0
      var allowed: Bitset?
      if query % 3 == 0 {
        allowed = Bitset(count: plain.passages.count)
        for passage in plain.passages.indices
        where UInt64.random(in: 0..<4, using: &random) == 0 {
          allowed!.insert(passage)
        }
      }
      let found = try Self.search(
        built.segment, plain, words, limit: limit, perDocument: perDocument, allowed: allowed,
        window: query % 2 == 0 ? 64 : 512)
      let expected = Self.plainly(
        built.segment, plain, words, limit: limit, perDocument: perDocument, allowed: allowed)
      try #require(
        found.map(\.passage) == expected.map(\.passage)
          && found.map(\.score) == expected.map(\.score), "\(words)")
    }
  }

  @Test func scoresAreBM25() throws {
    let made = MadeDocuments(count: 100, words: 200, seed: 13)
    let built = try MadeSegment(made)
    let plain = PlainScoring(made.passages)
    let words = ["w3", "w17", "w40", "w3"]
    let found = try Self.search(built.segment, plain, words, limit: 50)
    #expect(!found.isEmpty)
    for entry in found {
      let exact = plain.score(entry.passage, words, unit: 1).exact
      #expect(abs(Double(entry.score) / Self.unit - exact) < 1e-5 * exact + 4 / Self.unit)
    }
  }

  @Test func phrasesAreFoundWhereTheyStand() throws {
    let made = MadeDocuments(count: 400, words: 30, seed: 14)
    let built = try MadeSegment(made)
    let plain = PlainScoring(made.passages)
    var random = SeededGenerator(seed: 15)
    var found = 0
    for _ in 0..<600 {
      let phrase = (0..<Int.random(in: 1...4, using: &random)).map { _ in
        MadeDocuments.word(30, &random)
      }
      let passages = try built.segment.passages(holding: phrase.map { Array($0.utf8) })
      let expected = plain.holding(phrase)
      found += expected.count
      #expect((0..<passages.count).filter(passages.contains) == expected, "\(phrase)")
    }
    #expect(found > 1000)
  }

  @Test func cappedListsAreThoseOfSortingEverything() {
    var random = SeededGenerator(seed: 16)
    for round in 0..<300 {
      let perDocument = round % 4
      let limit = Int.random(in: 1...12, using: &random)
      let entries = (0..<Int.random(in: 0...120, using: &random)).map { number in
        TopPassages.Entry(
          score: UInt32.random(in: 0..<40, using: &random), collection: number % 2,
          sample: UInt32.random(in: 0..<9, using: &random), ordinal: UInt32(number), segment: 0,
          passage: number)
      }
      var top = TopPassages(limit: limit, perDocument: perDocument)
      for entry in entries { top.offer(entry) }
      var counts: [[UInt32]: Int] = [:]
      let expected = entries.sorted { $0.precedes($1) }.filter { entry in
        counts[[UInt32(entry.collection), entry.sample], default: 0] += 1
        return perDocument == 0
          || counts[[UInt32(entry.collection), entry.sample]]! <= perDocument
      }
      #expect(top.entries == Array(expected.prefix(limit)))
    }
  }
}
