import SeededRandom
import Testing

@testable import Fusion

@Suite struct MatrixProductTests {
  /// Both factors either way round, with and without what was there, against a plain loop.
  @Test func everyLayoutAgreesWithAPlainLoop() {
    var random = SeededGenerator(seed: 11)
    for round in 0..<64 {
      let (rows, columns, inner) = (
        Int.random(in: 1...9, using: &random), Int.random(in: 1...9, using: &random),
        Int.random(in: 1...9, using: &random)
      )
      func numbers(_ count: Int) -> [Float] {
        (0..<count).map { _ in Float.random(in: -1...1, using: &random) }
      }
      let (a, b, before) = (
        numbers(rows * inner), numbers(inner * columns), numbers(rows * columns)
      )
      let (left, right, adds) = (round & 1 != 0, round & 2 != 0, round & 4 != 0)
      var found = adds ? before : [Float](repeating: .nan, count: rows * columns)
      MatrixProduct.product(
        a, transposed: left, b, transposed: right, rows: rows, columns: columns, inner: inner,
        accumulate: adds, into: &found)
      for row in 0..<rows {
        for column in 0..<columns {
          var sum = adds ? Double(before[row * columns + column]) : 0
          for k in 0..<inner {
            sum +=
              Double(a[left ? k * rows + row : row * inner + k])
              * Double(b[right ? column * inner + k : k * columns + column])
          }
          #expect(abs(Double(found[row * columns + column]) - sum) <= 1e-5)
        }
      }
    }
  }
}
