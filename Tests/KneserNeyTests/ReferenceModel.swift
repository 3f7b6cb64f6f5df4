/// Modified Kneser-Ney as its formulas are written, over dictionaries and sets: for tests.
struct ReferenceModel {
  typealias Ngram = [Int32]
  /// The level of N-grams of each length: how often, or after how many distinct tokens, each came.
  var levels: [Int: [Ngram: Int]] = [:]
  let vocabulary: Int

  init(_ documents: [[Int32]], vocabulary: Int) {
    self.vocabulary = vocabulary
    var trigrams: [Ngram: Int] = [:]
    var before: [Ngram: Set<Int32>] = [:]
    for document in documents where document.count >= 2 {
      // Before the first token stands what no id is.
      let padded = [-1] + document
      for end in 2..<padded.count {
        let ngram = Array(padded[end - 2...end])
        if ngram[0] >= 0 { trigrams[ngram, default: 0] += 1 }
        before[Array(ngram[1...]), default: []].insert(ngram[0])
      }
    }
    levels[3] = trigrams
    levels[2] = before.mapValues(\.count)
    var beforeOne: [Ngram: Set<Int32>] = [:]
    for ngram in before.keys { beforeOne[[ngram[1]], default: []].insert(ngram[0]) }
    levels[1] = beforeOne.mapValues(\.count)
  }

  func discount(_ count: Int, at level: Int) -> Double {
    let counts = levels[level, default: [:]].values
    func n(_ times: Int) -> Double { Double(counts.filter { $0 == times }.count) }
    let fallback = [0, 0.5, 1, 1.5]
    var estimates = [0.0]
    if [1, 2, 3].contains(where: { n($0) == 0 }) { return fallback[min(count, 3)] }
    let y = n(1) / (n(1) + 2 * n(2))
    estimates.append(1 - 2 * y * n(2) / n(1))
    estimates.append(2 - 3 * y * n(3) / n(2))
    estimates.append(3 - 4 * y * n(4) / n(3))
    if estimates.dropFirst().contains(where: { $0 <= 0 }) { return fallback[min(count, 3)] }
    return estimates[min(count, 3)]
  }

  /// - Parameter context: none to two tokens, in the order of the text.
  func probability(of token: Int32, after context: Ngram) -> Double {
    let length = context.count + 1
    let level = levels[length, default: [:]]
    let lower =
      context.isEmpty
      ? 1 / Double(vocabulary)
      : probability(of: token, after: Array(context.dropFirst()))
    let successors = level.filter { Array($0.key.dropLast()) == context }
    let total = Double(successors.values.reduce(0, +))
    guard total > 0 else { return lower }
    let gamma = successors.values.reduce(0) { $0 + discount($1, at: length) } / total
    let count = level[context + [token], default: 0]
    return max(Double(count) - discount(count, at: length), 0) / total + gamma * lower
  }
}
