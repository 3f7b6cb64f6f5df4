import Addressing

/// Rows of single N-grams of one order: what `NgramHasher` gives at their last token, without the
/// columns of other orders and the positions before it.
struct ColumnHash {
  /// Tokens of an N-gram.
  let order: Int
  /// Rows of an N-gram.
  var heads: Int { sizes.count }

  private let sizes: [UInt64]
  private let offsets: [Int64]
  private let multipliers: [UInt64]
  /// The token that, where it stands before the last one, hides all that is before it.
  private let stop: Int32?

  /// - Parameter edge: the boundary token as N-grams have it: compressed where they are.
  init(_ addressing: Addressing, order: Int, edge: Int32) {
    self.order = order
    sizes = addressing.bucketSizes[order - 2]
    let first = (order - 2) * addressing.heads
    offsets = Array(addressing.offsets[first..<first + addressing.heads])
    multipliers = Array(addressing.multipliers.prefix(order))
    if case .endOfSequence = addressing.boundary { stop = edge } else { stop = nil }
  }

  /// The number that every head's remainder is taken of.
  ///
  /// - Parameter tokens: `order` numbers that are not negative, in the text's order.
  func mix(_ tokens: UnsafeBufferPointer<Int32>) -> UInt64 {
    var result: UInt64 = 0
    var token: Int32 = 0
    for back in 0..<order {
      if back < 2 || token != stop { token = tokens[order - 1 - back] }
      result ^= UInt64(UInt32(bitPattern: token)) &* multipliers[back]
    }
    return result
  }

  /// The row in the column of a head.
  func row(_ mix: UInt64, head: Int) -> Int64 { Int64(mix % sizes[head]) + offsets[head] }

  /// The rows of an N-gram, one a head.
  func rows(of tokens: [Int32]) -> [Int64] {
    let mix = tokens.withUnsafeBufferPointer { self.mix($0) }
    return (0..<heads).map { row(mix, head: $0) }
  }
}
