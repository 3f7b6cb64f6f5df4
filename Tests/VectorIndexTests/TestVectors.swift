import Files
import SeededRandom
import TestCheckpoints
import VectorIndex

/// Vectors of a test, and the plain way to search them.
struct TestVectors {
  var rows: [[Float]]
  var dimensions: Int { rows.first?.count ?? 1 }

  /// Vectors around some centres, as passages of some topics are.
  static func clustered(
    count: Int, dimensions: Int, clusters: Int, spread: Float, seed: UInt64
  ) -> TestVectors {
    var generator = SeededGenerator(seed: seed)
    func bell() -> Float {
      (0..<6).reduce(0) { sum, _ in sum + .random(in: -1...1, using: &generator) }
    }
    let centres = (0..<clusters).map { _ in (0..<dimensions).map { _ in bell() } }
    return TestVectors(
      rows: (0..<count).map { _ in
        let centre = centres.randomElement(using: &generator)!
        return centre.map { $0 + spread * bell() }
      })
  }

  func write(
    to folder: String, salt: String = "salt", graphAbove: Int = 200_000,
    progress: (Int, Int) throws -> Void = { _, _ in }
  ) throws {
    try DurableFile.createFolder(folder)
    let writer = try VectorIndexWriter(folder: folder, salt: salt, dimensions: dimensions)
    for row in rows { try writer.append(row) }
    try writer.finish(graphAbove: graphAbove, progress: progress)
  }

  static func cosine(_ a: [Float], _ b: [Float]) -> Double {
    var (dot, left, right) = (0.0, 0.0, 0.0)
    for (x, y) in zip(a, b) {
      dot += Double(x) * Double(y)
      left += Double(x) * Double(x)
      right += Double(y) * Double(y)
    }
    return left > 0 && right > 0 ? dot / (left * right).squareRoot() : 0
  }

  /// All cosines, the best first.
  func ranked(
    to question: [Float], where isAllowed: (Int) -> Bool = { _ in true }
  )
    -> [(passage: Int, score: Double)]
  {
    rows.indices.filter(isAllowed).map { ($0, Self.cosine(rows[$0], question)) }
      .sorted { $0.1 != $1.1 ? $0.1 > $1.1 : $0.0 < $1.0 }
  }
}
