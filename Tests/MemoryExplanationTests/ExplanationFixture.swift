import Addressing
import Datasets
import Files
import Foundation
import MemoryTables
import NgramCounts
import Retrieval
import Samples
import SeededRandom
import Storage
import TestCheckpoints
import Tokenization

@testable import MemoryExplanation

/// A store with texts of few words, counts of their N-grams, and tables of seeded rows.
final class ExplanationFixture {
  static let dimension = 4
  static let orders = 2...3

  let scratch: ScratchFolder
  let tokenizer: Tokenizer
  let map: TokenMap
  let texts: [String]

  init(seed: UInt64 = 1) throws {
    scratch = try ScratchFolder()
    tokenizer = try Self.byteTokenizer()
    map = try TokenMap(tokenizer: tokenizer)
    var random = SeededGenerator(seed: seed)
    let words = ["Ab", "ab", "cab", "bead", "déjà", "face", "ÄB", "x"]
    texts = (0..<40).map { _ in
      (0..<Int.random(in: 1...30, using: &random)).map { _ in
        words.randomElement(using: &random)!
      }.joined(separator: " ")
    }
    try ingest()
  }

  /// Byte-level BPE with a token a byte and no merges.
  static func byteTokenizer(adding extra: [String] = []) throws -> Tokenizer {
    var entries: [String] = []
    var next: UInt32 = 256
    for byte in UInt32(0)..<256 {
      let isShown = (33...126).contains(byte) || (161...172).contains(byte) || byte >= 174
      let scalar = Unicode.Scalar(isShown ? byte : next)!
      if !isShown { next += 1 }
      entries.append("\"\(scalar == "\"" || scalar == "\\" ? "\\" : "")\(scalar)\":\(byte)")
    }
    for (index, token) in extra.enumerated() { entries.append("\"\(token)\":\(256 + index)") }
    var json = """
      {"model":{"type":"BPE","vocab":{\(entries.joined(separator: ","))},"merges":[]},
       "pre_tokenizer":{"type":"ByteLevel","add_prefix_space":false,"use_regex":false},
       "decoder":{"type":"ByteLevel"}}
      """
    return try json.withUTF8 { try Tokenizer(json: UnsafeRawBufferPointer($0)) }
  }

  private func ingest() throws {
    let store = try Store(path: scratch("store"), mode: .writing)
    let writer = try DatasetWriter("d", kind: .document, tokens: nil, threads: 1, in: store)
    defer { writer.close() }
    for text in texts {
      var bytes: [UInt8] = []
      DocumentSample.append(metadata: "{}".utf8, text: text.utf8, to: &bytes)
      _ = try bytes.withUnsafeBytes { try writer.append($0) }
    }
    _ = try writer.publish(message: "", source: .init(kind: "test", inputs: []), tokenizer: nil)
  }

  func reading() throws -> Store { try Store(path: scratch("store"), mode: .reading) }

  /// Counts of the texts.
  func counts(mapped: Bool = true) throws -> NgramCounts {
    let dataset = try Dataset(DatasetReference(name: "d"), in: reading())
    let counting = try NgramCounting(
      dataset: dataset, tokenizer: tokenizer, orders: Self.orders, mapped: mapped, threads: 1)
    let published = try counting.publish(
      as: mapped ? "c" : "raw", in: Store(path: scratch("store"), mode: .writing))
    return try NgramCounts(published, in: reading())
  }

  /// The N-grams of the texts and how often they occur, counted plainly.
  func plainCounts(order: Int) throws -> [[Int32]: UInt64] {
    var counts: [[Int32]: UInt64] = [:]
    for text in texts {
      let ids = try map.map(tokenizer.encode(text))
      guard ids.count >= order else { continue }
      for start in 0...ids.count - order {
        counts[Array(ids[start..<start + order]), default: 0] += 1
      }
    }
    return counts
  }

  /// A rule with so few rows that N-grams collide.
  func addressing(
    boundary: Addressing.BoundaryRule = .sequenceStart(padTokenID: 0)
  ) throws -> Addressing {
    try Addressing(
      preset: "test", layer: 0, bucketSizes: [[37, 41, 43], [101, 103, 107]],
      multipliers: [1_000_003, 998_244_353, 7_777_777],
      tokens: .mapped(
        vocabularySize: map.vocabularySize, compressedVocabularySize: map.compressedSize,
        tokenMap: map.identity), boundary: boundary)
  }

  func hashedTable() throws -> Table {
    let addressing = try addressing()
    return try publish(
      TableDraft(
        name: "hashed", rows: Int(addressing.rowCount), dimension: Self.dimension, codec: .float32,
        addressing: addressing, source: .init(kind: "rows")))
  }

  /// A table of every second N-gram of the texts, and those.
  func exactTable() throws -> (Table, [[Int32]: Int64]) {
    let all = try Self.orders.flatMap { try plainCounts(order: $0).keys }
      .sorted { $0.lexicographicallyPrecedes($1) }
    let some = all.enumerated().filter { $0.offset % 2 == 0 }.map(\.element)
    let table = try publish(
      TableDraft(
        name: "exact", rows: some.count, dimension: Self.dimension, codec: .float32,
        exact: ExactIndex(
          ngrams: NgramList(some), tokens: .mapped(by: map), tokenizer: tokenizer.identity),
        source: .init(kind: "vectors")))
    return (table, Dictionary(uniqueKeysWithValues: some.enumerated().map { ($1, Int64($0)) }))
  }

  private func publish(_ draft: TableDraft) throws -> Table {
    let store = try Store(path: scratch("store"), mode: .writing)
    _ = try TableWriter(store: store, threads: 1).publish([(draft, SeededRows())])
    return try Table(TableReference(name: draft.name), in: reading())
  }

  /// Rows of seeded numbers.
  private struct SeededRows: RowSource {
    func copyRows(_ rows: Range<Int>, into slots: UnsafeMutableRawPointer, stride: Int) throws {
      for (index, row) in rows.enumerated() {
        var random = SeededGenerator(seed: UInt64(row) &+ 77)
        for place in 0..<ExplanationFixture.dimension {
          (slots + index * stride + 4 * place).storeBytes(
            of: Float.random(in: -1...1, using: &random), as: Float.self)
        }
      }
    }
  }
}

/// Finds phrases in texts by looking at all of them.
struct PlainPassages: PassageFinding {
  var texts: [String]

  func passages(containing phrase: String, limit: Int) throws -> (found: [Passage], count: Int) {
    func folded(_ text: String) -> String {
      " " + text.folding(options: [.caseInsensitive, .diacriticInsensitive], locale: nil) + " "
    }
    let hits = texts.indices.filter { folded(texts[$0]).contains(folded(phrase)) }
    let found = try hits.prefix(limit).map { sample in
      Passage(
        dataset: try DatasetReference(parsing: "d@1"), sample: sample, ordinal: 0,
        range: 0..<texts[sample].utf8.count, title: "text \(sample)", source: "\(sample).txt",
        id: nil, score: 0, text: texts[sample])
    }
    return (found, hits.count)
  }
}
