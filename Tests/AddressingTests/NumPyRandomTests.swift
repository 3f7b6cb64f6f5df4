import Testing

@testable import Addressing

@Suite struct NumPyRandomTests {
  private struct Golden: Decodable {
    struct Draw: Decodable {
      let limit: String
      let values: [String]
    }

    struct Case: Decodable {
      let seed: String
      let draws: [Draw]
    }

    let cases: [Case]
  }

  @Test func drawsWhatNumPyDraws() throws {
    let golden = try GoldenData.decode(Golden.self, from: "numpy-random.json")
    #expect(golden.cases.count > 10)
    for example in golden.cases {
      var random = NumPyRandom(seed: try #require(UInt64(example.seed)))
      for draw in example.draws {
        let limit = try #require(UInt64(draw.limit))
        let values = draw.values.map { _ in random.integer(below: limit).description }
        #expect(values == draw.values, "seed \(example.seed), limit \(draw.limit)")
      }
    }
  }
}
