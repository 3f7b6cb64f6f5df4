import Foundation
import SeededRandom

/// Hidden states where none are known.
enum SeededStates {
  /// Normal numbers, the same for the same seed.
  static func normal(count: Int, seed: UInt64) -> [Float] {
    var generator = SeededGenerator(seed: seed)
    return (0..<count).map { _ in
      // Box and Muller: a normal number from two uniform ones.
      let radius = (-2 * log(Float.random(in: Float.leastNormalMagnitude..<1, using: &generator)))
        .squareRoot()
      return radius * cos(2 * .pi * Float.random(in: 0..<1, using: &generator))
    }
  }
}
