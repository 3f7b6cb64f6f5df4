/// An order that permutes chunks, and then samples within windows of so many permuted chunks: near
/// reads stay within few files.
///
/// - Complexity: 16 bytes a chunk; a position costs two binary searches over the chunks.
struct ChunkedOrder: Hashable, Sendable {
  /// First samples of the chunks, in the dataset's order, then the number of samples.
  private let starts: [Int]
  /// First positions of the chunks, in permuted order, then the number of samples.
  private let positions: [Int]
  private let chunks: SamplePermutation
  private let window: Int
  private let key: OrderKey

  init(starts: [Int], window: Int, seed: UInt64, epoch: Int) throws(SampleOrderError) {
    guard window >= 1 else { throw .emptyWindow(window) }
    guard starts.first == 0 else {
      throw .malformedChunks(chunk: 0, start: starts.first ?? -1, expected: 0)
    }
    for chunk in 1..<max(1, starts.count) where starts[chunk] < starts[chunk - 1] {
      throw .malformedChunks(chunk: chunk, start: starts[chunk], expected: starts[chunk - 1])
    }
    self.starts = starts
    let count = starts.count - 1
    self.window = min(window, max(1, count))
    chunks = SamplePermutation(count: count, key: OrderKey(.chunks, seed: seed, epoch: epoch))
    key = OrderKey(.window, seed: seed, epoch: epoch)
    var positions = [0]
    positions.reserveCapacity(starts.count)
    var position = 0
    for place in 0..<count {
      let chunk = chunks[place]
      position += starts[chunk + 1] - starts[chunk]
      positions.append(position)
    }
    self.positions = positions
  }

  var count: Int { starts[starts.count - 1] }

  /// The samples of one window, in their order.
  struct Window: Hashable, Sendable {
    /// The positions of the epoch that it holds.
    let positions: Range<Int>
    fileprivate let places: Range<Int>
    fileprivate let permutation: SamplePermutation
  }

  /// The window that holds `position`.
  func window(at position: Int) -> Window {
    // Chunks without samples share their first position: the last that starts here is meant.
    let number = place(of: position, in: 0..<chunks.count) / window
    let first = number * window
    let places = first..<first + min(window, chunks.count - first)
    let range = positions[places.lowerBound]..<positions[places.upperBound]
    return Window(
      positions: range, places: places,
      permutation: SamplePermutation(count: range.count, key: key.part(number)))
  }

  /// The sample at a position of `window`.
  func sample(at position: Int, of window: Window) -> Int {
    let first = window.positions.lowerBound
    let chosen = first + window.permutation[position - first]
    let place = place(of: chosen, in: window.places)
    return starts[chunks[place]] + (chosen - positions[place])
  }

  /// The place, in permuted order, of the chunk that holds `position`: the last one of `places`
  /// that starts at or before it.
  private func place(of position: Int, in places: Range<Int>) -> Int {
    positions.withUnsafeBufferPointer { positions in
      var low = places.lowerBound
      var high = places.upperBound
      while high - low > 1 {
        let middle = low + (high - low) / 2
        if positions[middle] <= position { low = middle } else { high = middle }
      }
      return low
    }
  }
}
