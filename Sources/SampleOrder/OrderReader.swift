/// Reads an order at rising or random positions; remembers the window of the last one, so that near
/// positions of a chunked order cost one search each.
struct OrderReader: Sendable {
  let order: EpochOrder
  private var window: ChunkedOrder.Window?

  init(_ order: EpochOrder) { self.order = order }

  /// The sample at `position`, which is in `0..<order.count`; anything else stops.
  @inline(__always)
  mutating func sample(at position: Int) -> Int {
    switch order.layout {
    case .sequential:
      precondition(position >= 0 && position < order.count, "position \(position)")
      return position
    case .global(let permutation):
      return permutation[position]
    case .chunked(let chunked):
      precondition(position >= 0 && position < order.count, "position \(position)")
      if let window, window.positions.contains(position) {
        return chunked.sample(at: position, of: window)
      }
      let next = chunked.window(at: position)
      window = next
      return chunked.sample(at: position, of: next)
    }
  }
}
