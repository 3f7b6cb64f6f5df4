/// Adds up the N-grams of several runs, in order: a heap of cursors, the smallest N-gram on top.
final class RunMerger<Key: NgramKey> {
  private var cursors: [RunCursor<Key>]
  /// The cursors' N-grams beside their numbers.
  private var heap: [(key: Key, cursor: Int)] = []

  /// - Parameter runs: those that have none of this order count for nothing.
  init(_ runs: [RunFile], order: Int) throws {
    cursors = try runs.compactMap { try RunCursor<Key>($0, order: order) }
    for index in cursors.indices where try cursors[index].next() {
      heap.append((cursors[index].key, index))
    }
    for index in stride(from: heap.count / 2 - 1, through: 0, by: -1) { sift(index) }
  }

  /// The next N-gram with the sum of its counts; `nil` at the end.
  ///
  /// - Throws: `CountError`, `FileError`.
  /// - Complexity: O(log runs).
  func next() throws -> (key: Key, count: UInt64)? {
    guard let key = heap.first?.key else { return nil }
    var sum: UInt64 = 0
    while let top = heap.first, top.key == key {
      let cursor = cursors[top.cursor]
      let (total, isOver) = sum.addingReportingOverflow(cursor.count)
      guard !isOver else { throw CountError.tooMany(path: "the result") }
      sum = total
      if try cursor.next() {
        heap[0].key = cursor.key
      } else {
        heap[0] = heap[heap.count - 1]
        heap.removeLast()
      }
      if heap.count > 1 { sift(0) }
    }
    return (key, sum)
  }

  private func sift(_ start: Int) {
    heap.withUnsafeMutableBufferPointer { heap in
      let moving = heap[start]
      var place = start
      while true {
        var child = 2 * place + 1
        guard child < heap.count else { break }
        if child + 1 < heap.count, heap[child + 1].key < heap[child].key { child += 1 }
        guard heap[child].key < moving.key else { break }
        heap[place] = heap[child]
        place = child
      }
      heap[place] = moving
    }
  }
}
