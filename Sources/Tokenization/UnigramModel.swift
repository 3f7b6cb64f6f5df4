/// A unigram language model of subwords (Kudo 2018, arXiv 1804.10959): a pre-token becomes the
/// tokens whose log-probabilities have the highest sum, as Hugging Face `tokenizers` finds them.
struct UnigramModel: Sendable {
  let texts: TokenTexts
  /// Log-probability of each token.
  let scores: [Double]
  /// What a character without a token becomes; `nil` where such a text is refused.
  let unknown: Int32?
  /// Tokens of the bytes, where a text without a token becomes its bytes.
  let byteTokens: [Int32?]?

  /// How much worse than the worst token a character without one is.
  private static let penalty = 10.0
  private let unknownScore: Double

  init(texts: TokenTexts, scores: [Double], unknown: Int32?, byteFallback: Bool) {
    self.texts = texts
    self.scores = scores
    self.unknown = unknown
    unknownScore = (scores.min() ?? 0) - Self.penalty
    let digits = Array("0123456789ABCDEF".utf8)
    byteTokens =
      byteFallback
      ? (0..<256).map {
        texts.id(of: Array("<0x".utf8) + [digits[$0 >> 4], digits[$0 & 15], 0x3E])
      }
      : nil
  }

  /// Working memory of one thread.
  final class Scratch {
    /// The best way to each byte of the pre-token; `start` is -1 where none was found.
    struct Step {
      var score = 0.0
      var start: Int32 = -1
      var id: Int32 = 0
    }

    var steps: [Step] = []
    /// Ends of the tokens, the last first.
    var ends: [(start: Int, end: Int, id: Int32)] = []
  }

  /// Appends the tokens of a pre-token, at most 2^31 - 1 bytes.
  ///
  /// - Complexity: linear in the bytes times the longest token; memory 16 bytes a byte.
  func encode(
    _ word: UnsafeBufferPointer<UInt8>, _ scratch: Scratch, into output: TokenBuffer
  ) throws(TokenizationError) {
    guard let base = word.baseAddress else { return }
    try findBestPath(base, word.count, scratch)
    // Neighbouring characters without a token are one.
    scratch.ends.removeAll(keepingCapacity: true)
    var end = word.count
    var fusedEnd: Int?
    while end > 0 {
      let step = scratch.steps[end]
      let start = Int(step.start)
      if let unknown, step.id == unknown {
        if fusedEnd == nil { fusedEnd = end }
      } else {
        if let last = fusedEnd { scratch.ends.append((end, last, -1)) }
        fusedEnd = nil
        scratch.ends.append((start, end, step.id))
      }
      end = start
    }
    if let last = fusedEnd { scratch.ends.append((0, last, -1)) }
    for (start, end, id) in scratch.ends.reversed() {
      if id >= 0 {
        output.append(id)
      } else {
        appendUnknown(UnsafeBufferPointer(rebasing: word[start..<end]), into: output)
      }
    }
    if scratch.steps.count > 1 << 16 { (scratch.steps, scratch.ends) = ([], []) }
  }

  private func findBestPath(
    _ base: UnsafePointer<UInt8>, _ count: Int, _ scratch: Scratch
  ) throws(TokenizationError) {
    scratch.steps.removeAll(keepingCapacity: true)
    scratch.steps.append(contentsOf: repeatElement(Scratch.Step(), count: count + 1))
    var isRefused = false
    scratch.steps.withUnsafeMutableBufferPointer { steps in
      var start = 0
      while start < count {
        let here = steps[start].score
        let length = UTF8Text.scalar(base, start).length
        var hasCharacter = false
        func take(_ end: Int, _ id: Int32, _ score: Double) {
          if steps[end].start < 0 || score > steps[end].score {
            steps[end] = Scratch.Step(score: score, start: Int32(start), id: id)
          }
        }
        texts.walk(base + start, count - start) { bytes, id in
          take(start + bytes, id, here + scores[Int(id)])
          if bytes == length { hasCharacter = true }
        }
        if !hasCharacter {
          guard let unknown else {
            isRefused = true
            return
          }
          take(start + length, unknown, here + unknownScore)
        }
        start += length
      }
    }
    if isRefused { throw .invalid(field: "model.unk_id", reason: "a text needs it; add it") }
  }

  /// Appends what a text becomes that may have no token: its own token after all, its bytes, or
  /// the unknown token.
  private func appendUnknown(_ text: UnsafeBufferPointer<UInt8>, into output: TokenBuffer) {
    if let id = texts.id(of: text) { return output.append(id) }
    if let byteTokens {
      let ids = text.compactMap { byteTokens[Int($0)] }
      if ids.count == text.count { return output.append(contentsOf: ids) }
    }
    if let unknown { output.append(unknown) }
  }
}
