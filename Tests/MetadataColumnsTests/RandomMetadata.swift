import Questions
import SeededRandom

/// Documents' metadata and conditions of few values, so that they often meet.
struct RandomMetadata {
  private var random: SeededGenerator
  private static let names = ["path", "year", "lang", "a.b", "a.c.d", "flag"]
  private static let strings = [
    "", "en", "de", "docs/a.md", "docs/b/c.md", "2019", "2020", "3.5", "2020-01-01", "true", "e5",
    "-1",
  ]
  private static let numbers = [2019, 2020, -1, 3.5, 0, 2.25, 1e6]

  init(seed: UInt64) { random = SeededGenerator(seed: seed) }

  mutating func document() -> PlainMetadata {
    var members: [(name: String, values: [PlainMetadata.Scalar])] = []
    for name in Self.names where Int.random(in: 0..<3, using: &random) > 0 {
      let count = Int.random(in: 0..<8, using: &random) == 0 ? 3 : 1
      members.append((name, (0..<count).map { _ in scalar() }))
    }
    return PlainMetadata(members: members)
  }

  private mutating func scalar() -> PlainMetadata.Scalar {
    switch Int.random(in: 0..<5, using: &random) {
    case 0: .bool(Bool.random(using: &random))
    case 1, 2: .number(Self.numbers.randomElement(using: &random)!)
    default: .string(Self.strings.randomElement(using: &random)!)
    }
  }

  mutating func condition() -> Condition {
    let values = Self.strings + ["*", "docs/*", "?n", "20*", "*.md", "2020.0", "d", "tr*", "1e6"]
    return Condition(
      field: (Self.names + ["none"]).randomElement(using: &random)!,
      comparison: Condition.Comparison.allCases.randomElement(using: &random)!,
      value: values.randomElement(using: &random)!)
  }
}
