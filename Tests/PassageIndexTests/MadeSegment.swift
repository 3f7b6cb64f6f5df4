import Bitsets
import Files
import Foundation
import SeededRandom
import Terms
import TestCheckpoints

@testable import PassageIndex

/// Documents of made-up words, and a plain count of what is in them.
struct MadeDocuments {
  /// Words of each passage of each document.
  var documents: [[[String]]]

  /// Words of all passages, in order.
  var passages: [[String]] { documents.flatMap { $0 } }

  /// Documents of some passages each; frequent words are much more frequent than rare ones.
  init(count: Int, words: Int, length: ClosedRange<Int> = 1...40, seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    documents = (0..<count).map { _ in
      (0..<Int.random(in: 0...4, using: &random)).map { _ in
        (0..<Int.random(in: length, using: &random)).map { _ in
          Self.word(words, &random)
        }
      }
    }
  }

  init(_ documents: [[[String]]]) { self.documents = documents }

  static func word(_ words: Int, _ random: inout SeededGenerator) -> String {
    // Zipf's law, nearly: the logarithm of the rank is uniform.
    let rank = Int(exp(Double.random(in: 0..<log(Double(words)), using: &random)))
    return "w\(rank)"
  }

  /// Some of them.
  func documents(_ numbers: [Int]) -> MadeDocuments {
    MadeDocuments(numbers.map { documents[$0] })
  }
}

/// A segment of made-up documents.
final class MadeSegment {
  let scratch: ScratchFolder
  let folder: String
  let segment: Segment

  init(_ made: MadeDocuments, id: String = "s", digest: Int = 0) throws {
    scratch = try ScratchFolder()
    folder = scratch("segment")
    try DurableFile.createFolder(folder)
    let builder = try SegmentBuilder(
      folder: folder, id: id, normalizer: TermNormalizer(), occurrences: 1 << 20)
    let reader = WordReader()
    var words = Words()
    for (number, document) in made.documents.enumerated() {
      let text = document.map { $0.joined(separator: " ") }.joined(separator: "\n\n")
      try Self.append(
        text, lengths: document.map(\.count), digest: UInt64(digest + number), to: builder, reader,
        &words)
    }
    _ = try builder.finish()
    segment = try Segment(folder: folder, id: id)
  }

  private static func append(
    _ text: String, lengths: [Int], digest: UInt64, to builder: SegmentBuilder,
    _ reader: WordReader, _ words: inout Words
  ) throws {
    try Array(text.utf8).withUnsafeBytes { try reader.read($0, into: &words) }
    var start = 0
    let spans = lengths.map { length in
      defer { start += length }
      let first = words.words[start]
      let last = words.words[start + length - 1]
      return PassageSpan(
        words: start..<start + length,
        bytes: Int(first.start)..<Int(last.start) + Int(last.length))
    }
    try Array("{\"id\":\"\(digest)\"}".utf8).withUnsafeBytes { metadata in
      try builder.append(
        digest: digest, textBytes: text.utf8.count, metadata: metadata, words: words, spans: spans)
    }
  }
}

/// BM25 by the book, over all passages, in the numbers that the index has to give.
struct PlainScoring {
  let passages: [[String]]
  private let frequencies: [[String: Int]]
  private let documentFrequencies: [String: Int]
  /// The passages that hold a word.
  let holders: [String: [Int]]
  let averageLength: Double

  init(_ passages: [[String]]) {
    self.passages = passages
    frequencies = passages.map { $0.reduce(into: [:]) { $0[$1, default: 0] += 1 } }
    var counts: [String: Int] = [:]
    for passage in frequencies { for word in passage.keys { counts[word, default: 0] += 1 } }
    documentFrequencies = counts
    var holders: [String: [Int]] = [:]
    for (number, passage) in frequencies.enumerated() {
      for word in passage.keys { holders[word, default: []].append(number) }
    }
    self.holders = holders
    averageLength =
      passages.isEmpty ? 1 : Double(passages.reduce(0) { $0 + $1.count }) / Double(passages.count)
  }

  func idf(_ word: String) -> Double {
    let count = Double(documentFrequencies[word] ?? 0)
    return log(1 + (Double(passages.count) - count + 0.5) / (count + 0.5))
  }

  /// The exact score of a passage, and the same in whole numbers.
  func score(_ passage: Int, _ words: [String], unit: Double) -> (exact: Double, whole: UInt32) {
    var exact = 0.0
    var whole: UInt32 = 0
    let length = Double(passages[passage].count)
    for word in Set(words) {
      guard let frequency = frequencies[passage][word] else { continue }
      let weight = idf(word) * Double(words.filter { $0 == word }.count)
      let norm = 1.2 * (1 - 0.75 + 0.75 * length / averageLength)
      exact += weight * Double(frequency) / (Double(frequency) + norm)
      let base = Float(1.2 * (1 - 0.75))
      let slope = Float(1.2 * 0.75 / averageLength)
      let part =
        Float(weight * unit)
        / (1 + (base + slope * Float(passages[passage].count))
          / Float(frequency))
      whole += UInt32(part)
    }
    return (exact, whole)
  }

  /// The passages that hold some words next to each other.
  func holding(_ phrase: [String]) -> [Int] {
    passages.indices.filter { number in
      let words = passages[number]
      guard words.count >= phrase.count else { return false }
      return (0...words.count - phrase.count).contains {
        Array(words[$0..<$0 + phrase.count]) == phrase
      }
    }
  }
}
