import Questions
import SeededRandom
import Testing

@Suite struct ConditionTests {
  @Test func fieldOperatorAndValueAreRead() throws {
    for comparison in Condition.Comparison.allCases {
      let expected = Condition(field: "a.b", comparison: comparison, value: "2020-01-01")
      #expect(try Condition(parsing: expected.description) == expected)
      #expect(try Condition(parsing: " a.b \(comparison.rawValue) 2020-01-01 ") == expected)
    }
    #expect(try Condition(parsing: "path=a=b*").value == "a=b*")
    #expect(try Condition(parsing: #"title=" x ""#).value == " x ")
    #expect(try Condition(parsing: "title=").value == "")
    #expect(try Condition(parsing: "größe>=1").field == "größe")
  }

  @Test(arguments: [
    "", "path", "=x", " >= 3", "a<", "a >=", "a==b", "a=>b", "a=<b", "a!b", "a!b=c", ".a=b", "a.=b",
    "a..b=c", "!=x", "a<>b",
  ])
  func malformedConditionsSayWhatIsExpected(_ text: String) {
    let error = #expect(throws: QuestionError.self) { try Condition(parsing: text) }
    #expect(error?.description.contains("FIELD OP VALUE") == true)
  }

  @Test func endlessConditionsAreRefusedInALine() {
    let error = #expect(throws: QuestionError.self) {
      try Condition(parsing: "a=" + String(repeating: "\n", count: 10_000))
    }
    #expect(error!.description.utf8.count < 400)
    #expect(!error!.description.contains("\n"))
  }

  @Test func mutatedConditionsAreReadOrRefused() {
    var random = SeededGenerator(seed: 6)
    let pieces = ["=", "!", "<", ">", "a", ".", " ", "\"", "中", "\u{301}", "*", "?", "\n"]
    for _ in 0..<20_000 {
      let text = (0..<Int.random(in: 0..<10, using: &random))
        .map { _ in pieces.randomElement(using: &random)! }.joined()
      do throws(QuestionError) {
        let condition = try Condition(parsing: text)
        #expect(!condition.field.isEmpty)
        #expect(!condition.field.contains { "=<>!".contains($0) })
      } catch {
        #expect(!error.description.contains("\n"))
      }
    }
  }
}
