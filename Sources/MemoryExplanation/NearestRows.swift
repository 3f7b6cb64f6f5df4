import Fusion

/// The vectors that point most nearly the same way as others, by plain comparison.
struct NearestRows {
  /// A vector that was compared with.
  struct Near {
    /// Its number.
    var candidate: Int
    /// The cosine of the angle.
    var cosine: Float
  }

  private let width: Int
  private let kept: Int
  /// Vectors of length one, [queries, width]; zero where the vector was.
  private let queries: [Float]
  private let queryCount: Int
  private(set) var nearest: [[Near]]

  /// - Parameter queries: [count, width].
  init(queries: [Float], width: Int, kept: Int) {
    self.width = width
    self.kept = kept
    queryCount = width == 0 ? 0 : queries.count / width
    self.queries = Self.normalized(queries, width: width)
    nearest = Array(repeating: [], count: queryCount)
  }

  /// Compares all queries with some candidates.
  ///
  /// - Parameter candidates: [count, width], numbered from `first` on.
  /// - Complexity: 2 x queries x candidates x width operations.
  mutating func compare(with candidates: [Float], numberedFrom first: Int) {
    guard width > 0, queryCount > 0 else { return }
    let count = candidates.count / width
    let vectors = Self.normalized(candidates, width: width)
    var cosines = [Float](repeating: 0, count: queryCount * count)
    MatrixProduct.product(
      queries, transposed: false, vectors, transposed: true, rows: queryCount, columns: count,
      inner: width, into: &cosines)
    for query in 0..<queryCount {
      for index in 0..<count {
        add(Near(candidate: first + index, cosine: cosines[query * count + index]), to: query)
      }
    }
  }

  private mutating func add(_ near: Near, to query: Int) {
    // A vector without a direction is near to none; nor is one that is not numbers.
    guard near.cosine != 0, near.cosine.isFinite,
      nearest[query].count < kept || near.cosine > (nearest[query].last?.cosine ?? -2)
    else { return }
    let place =
      nearest[query].firstIndex { $0.cosine < near.cosine } ?? nearest[query].count
    nearest[query].insert(near, at: place)
    if nearest[query].count > kept { nearest[query].removeLast() }
  }

  private static func normalized(_ vectors: [Float], width: Int) -> [Float] {
    guard width > 0 else { return [] }
    var result = vectors
    for start in stride(from: 0, to: vectors.count - width + 1, by: width) {
      let norm = EuclideanNorm.of(vectors[start..<start + width])
      guard norm > 0, norm.isFinite else {
        for index in start..<start + width { result[index] = 0 }
        continue
      }
      for index in start..<start + width { result[index] /= norm }
    }
    return result
  }
}

/// The length of vectors.
enum EuclideanNorm {
  static func of(_ vector: ArraySlice<Float>) -> Float {
    Float(vector.reduce(into: Double(0)) { $0 += Double($1) * Double($1) }.squareRoot())
  }
}
