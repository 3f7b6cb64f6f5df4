import Questions
import SeededRandom
import Testing

@Suite struct GlobTests {
  /// A matcher of its own: all pairs of a pattern's end and a text's end, by scalars.
  private func matches(_ pattern: String, _ text: String) -> Bool {
    let pattern = Array(pattern.unicodeScalars)
    let text = Array(text.unicodeScalars)
    var row = [Bool](repeating: false, count: text.count + 1)
    row[0] = true
    for scalar in pattern {
      var next = [Bool](repeating: false, count: text.count + 1)
      for end in 0...text.count {
        if scalar == "*" {
          next[end] = row[end] || (end > 0 && next[end - 1])
        } else if end > 0, scalar == "?" || scalar == text[end - 1] {
          next[end] = row[end - 1]
        }
      }
      row = next
    }
    return row[text.count]
  }

  @Test func matchesWhatAPlainMatcherDoes() {
    var random = SeededGenerator(seed: 8)
    let letters = ["a", "b", "é", "中", "/"]
    for _ in 0..<50_000 {
      let text = (0..<Int.random(in: 0..<8, using: &random))
        .map { _ in letters.randomElement(using: &random)! }.joined()
      let pattern = (0..<Int.random(in: 0..<7, using: &random))
        .map { _ in (letters + ["*", "*", "?"]).randomElement(using: &random)! }.joined()
      #expect(Glob(pattern).matches(text) == matches(pattern, text), "\(pattern) \(text)")
    }
  }

  @Test func starsReachOverFolders() {
    #expect(Glob("Documentation/*").matches("Documentation/admin/index.rst"))
    #expect(!Glob("Documentation/*").matches("documentation/index.rst"))
    #expect(Glob("?").matches("😀") && !Glob("?").matches("ab"))
    #expect(Glob("a*b").prefix == Array("a".utf8))
    #expect(Glob("ab").isPlain && !Glob("ab*").isPlain)
  }

  @Test func manyStarsTakeNoTime() {
    let pattern = String(repeating: "*a", count: 40) + "b"
    let text = String(repeating: "a", count: 4_000)
    #expect(!Glob(pattern).matches(text))
  }

  @Test func anyBytesAreMatched() {
    var random = SeededGenerator(seed: 9)
    for _ in 0..<2_000 {
      let bytes = (0..<20).map { _ in UInt8.random(in: 0...255, using: &random) }
      let isAnything = Glob("*").matches(bytes.span)
      #expect(isAnything)
      let endsInX = Glob("*é?x").matches((bytes + [0]).span)
      #expect(!endsInX)
    }
  }
}
