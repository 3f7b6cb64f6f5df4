/// Vectors of length one: their dot product is their cosine.
enum UnitVector {
  /// Writes `vector` divided by its length; a vector of zeros is copied.
  ///
  /// - Parameter unit: as many numbers as `vector` has.
  /// - Returns: the length, `nil` where a number is not finite.
  @discardableResult
  static func make(of vector: [Float], into unit: inout [Float]) -> Double? {
    // Squares of any Float fit a Double, and so do 2^16 of them.
    var squares = 0.0
    for number in vector { squares += Double(number) * Double(number) }
    guard squares.isFinite else { return nil }
    let length = squares.squareRoot()
    for index in vector.indices {
      unit[index] = length > 0 ? Float(Double(vector[index]) / length) : 0
    }
    return length
  }
}
