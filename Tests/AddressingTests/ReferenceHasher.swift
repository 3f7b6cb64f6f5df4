@testable import Addressing

/// The rule of section 6 of the design, word for word: one token, one look back, plain `%`.
struct ReferenceHasher {
  let layers: [Addressing]
  let map: TokenMap?

  func rows(_ tokens: [Int32], masked: [Bool]? = nil, segments: [Int32]? = nil) -> [Int64] {
    layers.flatMap { layer in
      tokens.indices.flatMap { row(of: $0, tokens, masked, segments, layer) }
    }
  }

  private func row(
    of index: Int, _ tokens: [Int32], _ masked: [Bool]?, _ segments: [Int32]?,
    _ layer: Addressing
  ) -> [Int64] {
    let window = self.window(at: index, tokens, masked, segments, layer)
    var rows: [Int64] = []
    var offset: UInt64 = 0
    for (order, sizes) in layer.bucketSizes.enumerated() {
      var hash: UInt64 = 0
      for back in 0..<order + 2 { hash ^= window[back] * layer.multipliers[back] }
      for size in sizes {
        rows.append(Int64(hash % size + offset))
        offset += size
      }
    }
    return rows
  }

  private func window(
    at index: Int, _ tokens: [Int32], _ masked: [Bool]?, _ segments: [Int32]?,
    _ layer: Addressing
  ) -> [UInt64] {
    let value = { (token: Int32) in UInt64(map.flatMap { $0[token] } ?? token) }
    var window = [UInt64](repeating: value(layer.boundary.tokenID), count: layer.maxOrder)
    for back in 0..<layer.maxOrder {
      let place = index - back
      guard place >= 0, masked?[place] != true else { break }
      if back > 0, let segments, segments[place] != segments[place + 1] { break }
      if back > 0, case .endOfSequence(let end) = layer.boundary, tokens[place] == end { break }
      window[back] = value(tokens[place])
    }
    return window
  }
}

/// The index of the first element that differs, or of the end of the shorter one; nil where the
/// two are equal. A failing comparison of long arrays would take minutes to describe them.
func firstDifference(_ a: [Int64], _ b: [Int64]) -> Int? {
  if a == b { return nil }
  return zip(a, b).enumerated().first { $0.element.0 != $0.element.1 }?.offset
    ?? min(a.count, b.count)
}
