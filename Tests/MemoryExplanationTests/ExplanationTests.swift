import Addressing
import Foundation
import Fusion
import MemoryTables
import NgramCounts
import SeededRandom
import Testing

@testable import MemoryExplanation

@Suite struct ExplanationTests {
  private static let text = "A cab faced ÄB, déjà 設x"
  private let fixture: ExplanationFixture

  init() throws { fixture = try ExplanationFixture() }

  @Test func rowsAndNormsAreTheHashersAndTheTables() throws {
    let table = try fixture.hashedTable()
    let explanation = try Explainer(table, tokenizer: fixture.tokenizer).explain(Self.text)
    let ids = try fixture.tokenizer.encode(Self.text)
    let rows = try table.hasher(tokenMap: fixture.map).rows(for: ids)
    #expect(explanation.text == Self.text)
    #expect(explanation.tokens.map(\.id) == ids)
    #expect(try explanation.tokens.map(\.compressed) == fixture.map.map(ids))
    for (position, token) in explanation.tokens.enumerated() {
      let own = Array(rows[position * 6..<position * 6 + 6])
      #expect(token.ngrams.flatMap { $0.rows.map(\.id) } == own)
      #expect(token.ngrams.map(\.order) == [2, 3])
      let values = try table.gatherFloats(own)
      for (row, part) in zip(token.ngrams.flatMap(\.rows), 0..<6) {
        let numbers = values[part * 4..<part * 4 + 4]
        #expect(abs(row.norm - numbers.reduce(0) { $0 + $1 * $1 }.squareRoot()) < 1e-5)
      }
      #expect(abs(token.norm - values.reduce(0) { $0 + $1 * $1 }.squareRoot()) < 1e-5)
      for ngram in token.ngrams {
        #expect(ngram.padding == max(0, ngram.order - position - 1))
        #expect(ngram.first == max(0, position + 1 - ngram.order))
      }
      #expect((token.start, token.end) == (position, position + 1))
    }
    #expect(explanation.tokens.last { $0.bytes != nil }?.bytes == "AD")
  }

  @Test func countsAndCollisionsAreThoseOfAPlainCount() throws {
    let table = try fixture.hashedTable()
    var explainer = try Explainer(table, tokenizer: fixture.tokenizer)
    try explainer.use(fixture.counts())
    let explanation = try explainer.explain(Self.text)
    let keys = try fixture.map.map(explanation.tokens.map(\.id))
    let hasher = try table.hasher(tokenMap: fixture.map)
    // A token id for each compressed one.
    var raw: [Int32: Int32] = [:]
    for id in (0..<Int32(256)).reversed() { raw[fixture.map[id]!] = id }
    var (seen, shared) = (0, 0)
    for order in ExplanationFixture.orders {
      let plain = try fixture.plainCounts(order: order)
      var byRow: [Int64: [[Int32]]] = [:]
      for ngram in plain.keys {
        let rows = try hasher.rows(for: ngram.map { raw[$0]! }).suffix(6)
        for row in rows.dropFirst((order - 2) * 3).prefix(3) {
          byRow[row, default: []].append(ngram)
        }
      }
      for ngram in explanation.tokens.flatMap(\.ngrams) where ngram.order == order {
        let own = Array(keys[ngram.first..<ngram.first + order - ngram.padding])
        #expect(ngram.count == (ngram.padding > 0 ? nil : plain[own] ?? 0))
        seen += (ngram.count ?? 0) > 0 ? 1 : 0
        for row in ngram.rows {
          let others = (byRow[row.id] ?? []).filter { $0 != own }.map { plain[$0]! }.sorted(by: >)
          #expect(row.sharing == others.count)
          #expect(row.sharers?.map(\.count) == Array(others.prefix(3)))
          shared += others.count
        }
      }
    }
    #expect(seen > 10 && shared > 100)
  }

  @Test func nearestRowsAreThoseOfComparingWithAll() throws {
    let table = try fixture.hashedTable()
    var explainer = try Explainer(table, tokenizer: fixture.tokenizer)
    let counts = try fixture.counts()
    try explainer.use(counts)
    (explainer.limits.nearest, explainer.limits.nearestAmong) = (4, 50)
    let explanation = try explainer.explain(Self.text)
    let keys = try fixture.map.map(explanation.tokens.map(\.id))
    for ngram in explanation.tokens.flatMap(\.ngrams) {
      let hash = try #require(try explainer.memory.hash(order: ngram.order))
      func vector(_ rows: [Int64]) throws -> [Double] {
        try table.gatherFloats(rows).map(Double.init)
      }
      let own = try vector(ngram.rows.map(\.id))
      let tokens = ngram.padding > 0 ? [] : Array(keys[ngram.first..<ngram.first + ngram.order])
      var cosines: [Double] = []
      for candidate in try counts.top(order: ngram.order, n: 50) where candidate.tokens != tokens {
        let other = try vector(hash.rows(of: candidate.tokens))
        let dot = zip(own, other).reduce(0) { $0 + $1.0 * $1.1 }
        func length(_ vector: [Double]) -> Double { vector.reduce(0) { $0 + $1 * $1 }.squareRoot() }
        cosines.append(dot / length(own) / length(other))
      }
      let expected = cosines.sorted(by: >).prefix(4)
      let found = try #require(ngram.nearest)
      #expect(found.count == 4)
      for (near, cosine) in zip(found, expected) {
        #expect(abs(Double(near.cosine) - cosine) < 1e-5)
      }
    }
  }

  @Test func anExactTableHasRowsForItsNgramsAlone() throws {
    let (table, rows) = try fixture.exactTable()
    var explainer = try Explainer(table, tokenizer: fixture.tokenizer)
    try explainer.use(fixture.counts())
    let explanation = try explainer.explain(Self.text)
    let keys = try fixture.map.map(explanation.tokens.map(\.id))
    let read = try table.exactKeys(tokenMap: fixture.map).matches(for: explanation.tokens.map(\.id))
    var missing = 0
    for (position, token) in explanation.tokens.enumerated() {
      for ngram in token.ngrams {
        #expect(ngram.padding == 0)
        let row = rows[Array(keys[ngram.first..<ngram.first + ngram.order])]
        #expect(ngram.isFound == (row != nil) && ngram.rows.first?.id == row)
        #expect(ngram.isRead == (read[position].order == ngram.order))
        missing += row == nil ? 1 : 0
        #expect(ngram.rows.allSatisfy { $0.sharing == nil })
        #expect((ngram.nearest?.count ?? 0) == (row == nil ? 0 : 5))
      }
    }
    #expect(missing > 5 && explanation.tokens.contains { $0.norm > 0 })
  }

  @Test func gatesAreTheFusions() throws {
    let table = try fixture.hashedTable()
    let shape = try FusionShape(
      form: .engramPaper, branches: 2, width: 8, inputs: 24, kernel: 4, dilation: 3)
    let weights = try FusionParameters(shape: shape, seed: 9).weights()
    func hidden(_ count: Int) -> [Float] {
      var random = SeededGenerator(seed: 4)
      return (0..<count * 16).map { _ in Float.random(in: -1...1, using: &random) }
    }
    var explainer = try Explainer(table, tokenizer: fixture.tokenizer)
    explainer.gates = GateSource(weights: weights, origin: "test") { hidden($0.count) }
    let explanation = try explainer.explain(Self.text)
    let ids = explanation.tokens.map(\.id)
    let rows = try table.gatherFloats(table.hasher(tokenMap: fixture.map).rows(for: ids))
    var gates = [Float](repeating: 0, count: ids.count * 2)
    var state = ConvolutionState(for: weights)
    try gates.withUnsafeMutableBufferPointer { gates in
      try rows.withUnsafeBufferPointer { rows in
        try hidden(ids.count).withUnsafeBufferPointer { hidden in
          try EngramFusion(weights).forward(
            tokens: ids.count, hidden: hidden, rows: rows, mask: nil, state: &state,
            into: FusionOutputs(gate: gates))
        }
      }
    }
    #expect(explanation.tokens.flatMap { $0.gates ?? [] } == gates)
    #expect(Set(gates).count > ids.count / 2)
    explainer.gates?.hidden = { _ in [] }
    #expect(throws: ExplanationError.hiddenStates(expected: ids.count * 16, found: 0)) {
      try explainer.explain(Self.text)
    }
  }

  @Test func passagesAreThoseInWhichTheWordsStand() throws {
    let table = try fixture.hashedTable()
    var explainer = try Explainer(table, tokenizer: fixture.tokenizer)
    explainer.passages = ("d@1", PlainPassages(texts: fixture.texts))
    let explanation = try explainer.explain("the face DEJA x")
    let ends = explanation.tokens.map { $0.ngrams[1].passages }
    // "fac", "ace" are parts of "face"; " x" is a word.
    #expect(ends[6]?.phrase == "face" && ends[7]?.phrase == "face")
    #expect(ends[14]?.phrase == "DEJA x")
    #expect(ends[0] == nil && ends[1] == nil)
    let phrase = try #require(ends[14])
    let plain = fixture.texts.filter { (" " + $0 + " ").contains(" déjà x ") }
    #expect(phrase.count == plain.count && phrase.count > 0)
    #expect(phrase.found.count == min(3, plain.count))
    #expect(phrase.found.allSatisfy { $0.match == "déjà x" })
  }
}
