import Deduplication
import SeededRandom

/// Texts of random words, and what is known of them by plain computation.
struct SyntheticTexts {
  private var random: SeededGenerator

  init(seed: UInt64) { random = SeededGenerator(seed: seed) }

  /// A word of 3 to 9 letters; 2^30 of them and more, so that texts share none by chance.
  mutating func word() -> String {
    let letters = Array("abcdefghijklmnopqrstuvwxyz")
    return String(
      (0..<Int.random(in: 3...9, using: &random)).map { _ in
        letters[Int.random(in: 0..<26, using: &random)]
      })
  }

  mutating func words(_ count: Int) -> [String] { (0..<count).map { _ in word() } }

  /// The words with each replaced, dropped or doubled with probability `rate`.
  mutating func edit(_ words: [String], rate: Double) -> [String] {
    words.flatMap { old -> [String] in
      guard Double.random(in: 0..<1, using: &random) < rate else { return [old] }
      return [[word()], [], [old, word()]][Int.random(in: 0..<3, using: &random)]
    }
  }

  /// Jaccard similarity of the words' 5-grams.
  static func similarity(_ left: [String], _ right: [String]) -> Double {
    let (left, right) = (shingles(left), shingles(right))
    return Double(left.intersection(right).count) / Double(left.union(right).count)
  }

  private static func shingles(_ words: [String]) -> Set<[String]> {
    Set((0..<max(1, words.count - 4)).map { Array(words[$0..<min(words.count, $0 + 5)]) })
  }
}

func signature(_ text: String) -> MinHashSignature {
  Array(text.utf8).withUnsafeBytes { NearDuplicates.signature(of: $0) }
}

func signature(_ words: [String]) -> MinHashSignature {
  signature(words.joined(separator: " "))
}

func key(_ text: String) -> ContentKey {
  Array(text.utf8).withUnsafeBytes { ContentKey(of: $0) }
}
